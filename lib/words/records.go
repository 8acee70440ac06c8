package words

import "anncapacity/lib/internal/table"

// RecordsFile is where the records of a job are, in its folder.
const RecordsFile = "words.csv"

// WriteRecords stores records as CSV, the whole file or nothing.
func WriteRecords(path string, records []Record) error { return table.WriteRows(path, records) }

// ReadRecords reads what WriteRecords wrote.
func ReadRecords(path string) ([]Record, error) { return table.ReadRows[Record](path) }
