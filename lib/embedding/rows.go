package embedding

// Images is a sequence of images of which each has an ID and a class, such as images.Dataset.
type Images interface {
	Len() int
	ID(i int) string
	Class(i int) string
}

// Rows describes the images of d, in their order.
func Rows(d Images) []Row {
	rows := make([]Row, d.Len())
	for i := range rows {
		rows[i] = Row{Image: d.ID(i), Class: d.Class(i)}
	}
	return rows
}
