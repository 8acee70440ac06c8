package study

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"anncapacity/lib/ann"
	"anncapacity/lib/embedding"
	"anncapacity/lib/internal/table"
	"anncapacity/lib/storage/peers"
)

// MeasurePeers runs the named other programs, or all if none is named, on the base and the test queries, with budgets of memory in bytes
// for each base vector, and returns their rows. It reports the programs that are not installed.
func MeasurePeers(ctx context.Context, o DiskOptions, budgets []float64, names []string) (rows []DiskRow, err error) {
	s, err := open(ctx, o.Options)
	if err != nil {
		return nil, err
	}
	out := filepath.Join(o.Out, "parts", "peers")
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, err
	}
	p := peers.Options{Base: filepath.Join(out, "base.bvecs"), Queries: filepath.Join(out, "query.bvecs"), Out: out, Budgets: budgets, Peers: names, Progress: s.Progress}
	if s.Base.Bytes == nil {
		return nil, fmt.Errorf("storage disk: other programs are run on vectors of uint8 only")
	}
	for path, c := range map[string]ann.Coordinates{p.Base: s.Base, p.Queries: first(s.Queries, o.Plan.Queries)} {
		if err := embedding.WriteBytes(path, c); err != nil {
			return nil, err
		}
	}
	result, err := peers.Run(ctx, p)
	if err != nil {
		return nil, err
	}
	for _, absent := range result.Absent() {
		fmt.Fprintf(s.Progress, "%s is not installed: %s; install it with %s\n", absent.Peer, absent.Reason, absent.Install)
	}
	for _, r := range result.Rows {
		rows = append(rows, s.peerRows(r)...)
	}
	return rows, nil
}

// peerRows returns the rows of a peer at one effort, for k = 1 and k = 10.
func (s *session) peerRows(r peers.Row) []DiskRow {
	row := DiskRow{
		Data: s.Data, Peer: r.Peer, Setting: fmt.Sprintf("%s, %s %d", r.Setting, r.EffortName, r.Effort), Base: s.Base.N,
		Memory: r.MemoryBytesPerVector, Vectors: max(0, r.Vectors), Bytes: r.BytesRead, Reads: max(0, r.Reads),
		Cold: r.ColdP50Milliseconds, Warm: r.WarmP50Milliseconds, CPU: r.CPUMilliseconds, Access: r.ReadsFrom,
	}
	one, ten := row, row
	one.K, one.Recall, ten.K, ten.Recall = 1, r.Recall1, 10, r.Recall10
	return []DiskRow{one, ten}
}

// WriteDisk stores the rows in Options.Out.
func WriteDisk(out string, rows []DiskRow) error {
	return table.WriteRows(filepath.Join(out, DiskFile), rows)
}
