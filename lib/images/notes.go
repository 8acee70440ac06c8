package images

// Notes is what a user of the dataset should be told, a sentence without full stop each: images that were found and are
// not read, and links that were not followed. Most datasets have none.
func Notes(d Dataset) []string {
	if noted, ok := d.(interface{ Notes() []string }); ok {
		return noted.Notes()
	}
	return nil
}

// Notes are those of the whole dataset.
func (s subset) Notes() []string { return Notes(s.Dataset) }
