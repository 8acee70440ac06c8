package words

import "anncapacity/lib/internal/table"

// RecordsFile is the name of the file of records in the folder of a job.
const RecordsFile = "words.csv"

// WriteRecords writes records to a CSV file, completely or not at all.
func WriteRecords(path string, records []Record) error { return table.WriteRows(path, records) }

// ReadRecords reads a file that WriteRecords wrote.
func ReadRecords(path string) ([]Record, error) { return table.ReadRows[Record](path) }
