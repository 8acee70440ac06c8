package storage

import (
	"context"
	"fmt"
	"strings"

	"anncapacity/lib/storage/layout"
	"anncapacity/lib/storage/order"
	"anncapacity/lib/storage/stop"
)

// Way is a way to divide vectors into units and to choose the units that a query reads.
type Way struct {
	Key    string
	Name   string      // in figures
	About  string      // one sentence
	Memory float64     // default of Options.Memory
	Rules  []stop.Rule // rules to stop that are calibrated

	build func(ctx context.Context, b *builder) (layout.Layout, order.Order, error)
	read  func(content []byte) (order.Order, error)
}

// Ways lists the ways, the recommended one first.
var Ways = []Way{sketchWay, pagesWay, kmeansWay, balancedWay, closureWay, networkWay}

// WayOf returns the way with the key, or the first if the key is "".
func WayOf(key string) (Way, error) {
	var keys []string
	for _, w := range Ways {
		if w.Key == key || key == "" {
			return w, nil
		}
		keys = append(keys, w.Key)
	}
	return Way{}, fmt.Errorf("storage: unknown way %q: must be one of %s", key, strings.Join(keys, ", "))
}
