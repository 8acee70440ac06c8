package images

// Generated is n photograph-like images.
func Generated(n int, seed uint64) Dataset { panic("not built yet") }
