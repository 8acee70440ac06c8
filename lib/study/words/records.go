package words

import "anncapacity/lib/study"

// RecordsFile is where the records of a job are, in its folder.
const RecordsFile = "words.csv"

// WriteRecords stores records as CSV, the whole file or nothing.
func WriteRecords(path string, records []Record) error { return study.WriteRows(path, records) }

// ReadRecords reads what WriteRecords wrote.
func ReadRecords(path string) ([]Record, error) { return study.ReadRows[Record](path) }
