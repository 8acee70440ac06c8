package router

import (
	"fmt"

	"anncapacity/lib/internal/sealed"
)

const networkKind = "anncapacity router network 1"

// MarshalBinary returns the network in this package's format.
func (n *Network) MarshalBinary() ([]byte, error) {
	data := []any{n.mean, n.deviation}
	for _, v := range n.values() {
		data = append(data, v)
	}
	return sealed.Seal(networkKind, n.form, data...)
}

// UnmarshalBinary replaces the network by the one that MarshalBinary wrote.
func (n *Network) UnmarshalBinary(content []byte) error {
	var f form
	r, err := sealed.Open(content, networkKind, &f)
	if err != nil {
		return fmt.Errorf("router: the network %w", err)
	}
	if f.D < 1 || f.Units < 1 || f.Layers && f.Hidden < 1 || !f.Layers && !f.Direct || int(f.Activation) >= len(activationNames) {
		return fmt.Errorf("router: the network has the invalid form %+v", f)
	}
	var all [][]float32
	for _, size := range append([]int{f.D, f.D}, f.sizes()...) {
		values, err := sealed.Numbers[float32](r, size)
		if err != nil {
			return fmt.Errorf("router: the network is truncated: %w", err)
		}
		all = append(all, values)
	}
	if r.Len() > 0 {
		return fmt.Errorf("router: the network has %d surplus bytes", r.Len())
	}
	*n = *newNetwork(f, all[0], all[1], all[2:])
	return n.check()
}

// sizes returns the number of values of each of form.parameters().
func (f form) sizes() []int {
	var sizes []int
	for _, p := range f.parameters() {
		sizes = append(sizes, p.size())
	}
	return sizes
}

// check returns an error if a parameter is NaN or infinite or a deviation is not positive.
func (n *Network) check() error {
	for i, p := range n.form.parameters() {
		for _, x := range n.rows[i] {
			if x-x != 0 {
				return fmt.Errorf("router: the parameter %s holds %v", p.part, x)
			}
		}
	}
	for j, s := range n.deviation {
		if !(s > 0) || s-s != 0 || n.mean[j]-n.mean[j] != 0 {
			return fmt.Errorf("router: coordinate %d has the mean %v and the deviation %v", j, n.mean[j], s)
		}
	}
	return nil
}
