package filters

import (
	"path/filepath"

	"anncapacity/lib/internal/table"
)

// Write stores rows in a folder of results. It replaces rows, and no other file.
func Write(dir string, rows []Row) error { return table.WriteRows(filepath.Join(dir, File), rows) }

// Read reads the rows in a folder of results.
func Read(dir string) ([]Row, error) { return table.ReadRows[Row](filepath.Join(dir, File)) }
