package side

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/sbinet/npyio"

	"anncapacity/lib/ann"
	"anncapacity/lib/engine"
)

// A Request is a request about one index. Python calls the module's function Do with the vectors, the IDs and the fields;
// Java calls the method of the index with them.
type Request struct {
	Do      string         // "ask", or the name of what else the program offers
	Vectors ann.Vectors    // N = 0: none
	IDs     []int32        // row numbers; of "build", the attributes of the rows
	Fields  map[string]any // values that JSON has
}

// message is a Request as the process receives it.
type message struct {
	Do     string         `json:"do"`
	Index  int            `json:"index"`
	N      int            `json:"n"`
	D      int            `json:"d"`
	IDs    int            `json:"ids"`
	Fields map[string]any `json:"fields"`

	vectors []float32 // sent after the line if N > 0
	ids     []int32   // sent after the vectors if there are any
}

// reply is a reply of the process.
type reply struct {
	Error   string `json:"error"`
	Answers int    `json:"answers"`
	Memory  int64  `json:"memory"` // the reply to "memory", in bytes; zero if the process does not know it

	answers []engine.Answer
}

func roundTrip(stream *bufio.ReadWriter, m message) (r reply, err error) {
	line, err := json.Marshal(m)
	if err != nil {
		return r, err
	}
	stream.Write(append(line, '\n')) // Flush returns the error
	if m.N > 0 {
		err = npyio.Write(stream, m.vectors)
	}
	if m.IDs > 0 {
		err = errors.Join(err, npyio.Write(stream, m.ids))
	}
	if err = errors.Join(err, stream.Flush()); err != nil {
		return r, err
	}
	if line, err = stream.ReadBytes('\n'); err != nil {
		return r, err
	}
	if err := json.Unmarshal(line, &r); err != nil || r.Answers == 0 {
		return r, err
	}
	r.answers, err = readAnswers(stream.Reader, r.Answers)
	return r, err
}

// readAnswers reads the lengths of n answers, their IDs and their distances.
func readAnswers(stream *bufio.Reader, n int) ([]engine.Answer, error) {
	var lengths, ids []int32
	var distances []float32
	if err := npyio.Read(stream, &lengths); err != nil {
		return nil, err
	}
	if err := errors.Join(npyio.Read(stream, &ids), npyio.Read(stream, &distances)); err != nil {
		return nil, err
	}
	if len(lengths) != n || len(distances) != len(ids) {
		return nil, fmt.Errorf("%d lengths, %d IDs and %d distances for %d queries", len(lengths), len(ids), len(distances), n)
	}
	answers := make([]engine.Answer, n)
	from := 0
	for i := range answers {
		to := from + int(lengths[i])
		if to < from || to > len(ids) {
			return nil, fmt.Errorf("the lengths of %d answers exceed %d IDs", n, len(ids))
		}
		answers[i] = engine.Answer{IDs: ids[from:to:to], Distances: distances[from:to:to]}
		from = to
	}
	if from != len(ids) {
		return nil, fmt.Errorf("%d answers hold %d of %d IDs", n, from, len(ids))
	}
	return answers, nil
}
