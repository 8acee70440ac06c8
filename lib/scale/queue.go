package scale

import "sync"

// queue holds the tasks that local workers have not finished.
type queue struct {
	mu      sync.Mutex
	changed sync.Cond
	waiting []string
	running int
	kills   map[string]int
	stopped bool
	done    func(task string)
}

func newQueue(tasks []string, done func(task string)) *queue {
	q := &queue{waiting: tasks, kills: map[string]int{}, done: done}
	q.changed.L = &q.mu
	return q
}

// take returns the next task. While others compute the last tasks it waits, because these return if their worker is killed. ok is false
// if nothing remains.
func (q *queue) take() (task string, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.waiting) == 0 && q.running > 0 && !q.stopped {
		q.changed.Wait()
	}
	if len(q.waiting) == 0 || q.stopped {
		return "", false
	}
	task, q.waiting = q.waiting[0], q.waiting[1:]
	q.running++
	return task, true
}

func (q *queue) finish(task string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running--
	q.done(task)
	q.changed.Broadcast()
}

// putBack makes a task the next one, and returns how often this has happened to it.
func (q *queue) putBack(task string) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running--
	q.waiting = append([]string{task}, q.waiting...)
	q.kills[task]++
	q.changed.Broadcast()
	return q.kills[task]
}

// empty reports whether no task remains.
func (q *queue) empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting) == 0 && q.running == 0
}

// stop makes take return without a task.
func (q *queue) stop() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stopped = true
	q.changed.Broadcast()
}
