package report

import "anncapacity/lib/ann"

// MetricName returns the value of Report.Metric for a metric.
func MetricName(m ann.Metric) string {
	switch m {
	case ann.Cosine:
		return "cosine"
	case ann.InnerProduct:
		return "ip"
	}
	return "l2"
}
