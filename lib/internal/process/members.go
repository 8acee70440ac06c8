package process

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// members returns the IDs of the processes whose working directory is in the server's folder: the server and its
// children, which may have left its process group (as PostgreSQL's do).
func (p *Process) members() []int {
	links, _ := filepath.Glob("/proc/[0-9]*/cwd")
	var pids []int
	for _, link := range links {
		dir, err := os.Readlink(link)
		if err != nil || dir != p.o.Folder.Path && !strings.HasPrefix(dir, p.o.Folder.Path+"/") {
			continue
		}
		if pid, err := strconv.Atoi(strings.Split(link, "/")[2]); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// Memory returns the proportional set size of the server and its children in bytes, in which shared pages count once.
func (p *Process) Memory() int64 {
	var sum int64
	for _, pid := range p.members() {
		rollup, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		for line := range bytes.Lines(rollup) {
			if fields := strings.Fields(string(line)); len(fields) > 1 && fields[0] == "Pss:" {
				kib, _ := strconv.ParseInt(fields[1], 10, 64)
				sum += kib << 10
			}
		}
	}
	return sum
}
