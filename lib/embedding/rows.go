package embedding

// Images is a sequence of images with IDs and classes, such as images.Dataset.
type Images interface {
	Len() int
	ID(i int) string
	Class(i int) string
}

// Rows returns the rows of d: the ID and the class of each image, in order.
func Rows(d Images) []Row {
	rows := make([]Row, d.Len())
	for i := range rows {
		rows[i] = Row{Image: d.ID(i), Class: d.Class(i)}
	}
	return rows
}
