package study

// DiskRow is the mean cost of a query that was searched in a file on a disk.
type DiskRow struct {
	Data    string  `csv:"data"`
	Way     string  `csv:"way"`
	Peer    string  `csv:"peer"`            // program that searched; "" is this project
	Setting string  `csv:"setting"`         // of the index and of the search, in words
	Base    int     `csv:"base"`            // number of base vectors
	Memory  float64 `csv:"memory_bytes"`    // bytes in memory for each base vector
	K       int     `csv:"k"`               // number of neighbours
	Wanted  float64 `csv:"recall_wanted"`   // recall for which the search was calibrated; 0 if the setting was swept
	Recall  float64 `csv:"recall"`          // recall@K on the test queries
	Vectors float64 `csv:"vectors_fetched"` // 0 if it is not known
	Bytes   float64 `csv:"bytes_read"`      // from the disk, by /proc/self/io
	Reads   float64 `csv:"reads"`           // requests to the disk; 0 if it is not known
	Cold    float64 `csv:"cold_ms"`         // median time of a query with no page of the file in memory
	Warm    float64 `csv:"warm_ms"`         // median time of the same query after it
	CPU     float64 `csv:"cpu_ms"`          // mean processor time of a cold query
	Access  string  `csv:"access"`          // how the file is read, in words
}

// DiskFile is the name of the table of DiskRows.
const DiskFile = "storage_disk.csv"
