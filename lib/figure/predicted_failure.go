package figure

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"anncapacity/lib/capacity"
	"anncapacity/lib/internal/plate"
	"anncapacity/lib/study"
)

var predictedFailure = Entry{
	Name:  "PredictedFailure",
	From:  "failure.csv and " + study.RecordsFile,
	Shows: "The share of queries whose capacity in run 0 is below k (lines), and the share with an empty slot in the other runs (markers).",
	Draw: func(r *Results, about Subject) (*Figure, error) {
		return PredictedFailure(r.Capacity.Failure, r.Records, about)
	},
	unavailable: withoutTables,
	findings:    failureFindings,
}

// PredictedFailure draws, for each efSearch, the share of queries whose capacity in run 0 is below k (lines) and the share of
// queries with an empty slot in the other runs (markers: the mean). Shares of zero are not drawn, because the axis is
// logarithmic. It returns an error if there are no records of another run.
func PredictedFailure(predicted []capacity.FailureRow, records []study.Record, about Subject) (*Figure, error) {
	others, err := settings(withoutRun0(records), 1, study.IndexHNSW)
	if err != nil {
		return nil, fmt.Errorf("%w, run 0 left out", err)
	}
	if len(predicted) == 0 {
		return nil, errors.New("figure: no predicted failures")
	}
	p := newKPanel(emptyShare.title())
	p.Y.Tick.Marker = plate.LogTicks(plate.Percents)
	legend := plate.NewLegend(fmt.Sprintf("HNSW (this project)\nline: predicted from capacity in run 0\nmarker: observed, mean of %s", count(len(others[0].runs), "other run")))
	data := [][]string{row("ef_search", "k", "predicted", "observed", "observed_low_95", "observed_high_95")}
	for i, group := range groupBy(predicted, func(r capacity.FailureRow) int { return r.EfSearch }) {
		observed := observedFailures(others, group[0].EfSearch)
		var line, dots plotter.XYs
		for _, r := range group {
			line = appendShare(line, r.K, r.Predicted)
			o, ok := observed[r.K]
			if !ok {
				return nil, fmt.Errorf("figure: no records of condition 1 at efSearch %d, k %d", r.EfSearch, r.K)
			}
			dots = appendShare(dots, r.K, o.mean)
			data = append(data, row(r.EfSearch, r.K, r.Predicted, o.mean, o.low, o.high))
		}
		s := plate.Shade(i)
		thumbs := p.Line(line, plate.Style{Color: s.Color}, nil)
		legend.Add(fmt.Sprintf("efSearch %d", group[0].EfSearch), append(thumbs, p.Marks(everySecond(dots), s))...)
	}
	p.Y.Max = 0
	return newFigure("PredictedFailure", &plate.Plate{
		Title: "Failures, predicted and observed\n" + about.withRuns(len(others[0].runs)+1), Width: plate.SingleColumn, Height: 2.4 * vg.Inch,
		Panels: []plate.Panel{p}, Legends: []*plate.Legend{legend},
	}, data), nil
}

func withoutRun0(records []study.Record) (others []study.Record) {
	for _, r := range records {
		if r.Run != 0 {
			others = append(others, r)
		}
	}
	return others
}

// observedFailures returns the shares of queries with an empty slot at one efSearch, by k.
func observedFailures(all []setting, efSearch int) map[int]point {
	byK := map[int]point{}
	for _, s := range all {
		if s.value == float64(efSearch) {
			for _, p := range s.points(emptyShare) {
				byK[p.k] = p
			}
		}
	}
	return byK
}

// appendShare appends a share, if it is above zero, to a line on a logarithmic axis.
func appendShare(line plotter.XYs, k int, share float64) plotter.XYs {
	if share <= 0 {
		return line
	}
	return append(line, plotter.XY{X: float64(k), Y: math.Log10(share)})
}

func everySecond(all plotter.XYs) (some plotter.XYs) {
	for i := 0; i < len(all); i += 2 {
		some = append(some, all[i])
	}
	return some
}

func failureFindings(r *Results) ([]string, error) {
	others, err := settings(withoutRun0(r.Records), 1, study.IndexHNSW)
	if err != nil {
		return nil, err
	}
	k, rows := atLargest(r.Capacity.Failure, func(r capacity.FailureRow) int { return r.K })
	predicted := inTurn(rows, "efSearch", func(r capacity.FailureRow) (string, any) { return shareOf(r.Predicted), r.EfSearch })
	observed := inTurn(rows, "efSearch", func(r capacity.FailureRow) (string, any) {
		return shareOf(observedFailures(others, r.EfSearch)[k].mean), r.EfSearch
	})
	return []string{fmt.Sprintf("At k = %d the predicted share is %s, and the observed share is %s.", k, predicted, observed)}, nil
}
