package images

// subset is a selection of the images of another dataset.
type subset struct {
	Dataset
	rows []int32
}

// Subset returns a dataset of the images of d at the given rows: its image i is image rows[i] of d. The rows must be in
// 0…d.Len()-1; they are not copied.
func Subset(d Dataset, rows []int32) Dataset { return subset{Dataset: d, rows: rows} }

func (s subset) Len() int { return len(s.rows) }

func (s subset) ID(i int) string { return s.Dataset.ID(int(s.rows[i])) }

func (s subset) Class(i int) string { return s.Dataset.Class(int(s.rows[i])) }

func (s subset) Content(i int) ([]byte, error) { return s.Dataset.Content(int(s.rows[i])) }

// Range returns a dataset of the images from … to−1 of d.
func Range(d Dataset, from, to int) Dataset {
	rows := make([]int32, to-from)
	for i := range rows {
		rows[i] = int32(from + i)
	}
	return Subset(d, rows)
}
