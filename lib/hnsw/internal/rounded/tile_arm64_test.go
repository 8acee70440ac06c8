package rounded

func tiles() map[string]func(*points, int, int, *tile) {
	return map[string]func(*points, int, int, *tile){"NEON": computeTile}
}
