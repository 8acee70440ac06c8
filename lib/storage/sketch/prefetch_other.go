//go:build !amd64

package sketch

// Prefetch makes the processor load the codes of unit u into its cache while it computes something else. It does nothing here.
func (s *Sketch) Prefetch(int) {}
