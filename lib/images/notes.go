package images

// Notes returns remarks for users of the dataset, as sentences without a full stop: images that were found and are not
// read, and links that were not followed. Most datasets have none.
func Notes(d Dataset) []string {
	if noted, ok := d.(interface{ Notes() []string }); ok {
		return noted.Notes()
	}
	return nil
}

// Notes returns the notes of the whole dataset.
func (s subset) Notes() []string { return Notes(s.Dataset) }
