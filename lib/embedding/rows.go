package embedding

import "anncapacity/lib/images"

// Rows describes the images of d, in their order.
func Rows(d images.Dataset) []Row {
	rows := make([]Row, d.Len())
	for i := range rows {
		rows[i] = Row{Image: d.ID(i), Class: d.Class(i)}
	}
	return rows
}
