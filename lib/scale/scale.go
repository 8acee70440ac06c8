// Package scale finds exact neighbours, and computes embeddings of photographs, on several processes or machines.
//
// A Plan divides a job into tasks. A task of exact neighbours owns a block of queries and a part of the base, which it reads in
// blocks; a task of embeddings owns a range of photographs. Tasks share nothing. The result of a task is one object in the work
// folder, which is written whole or not at all. The name of a task contains a hash of everything that its result depends on, so that a
// retry, another run or another machine finds the result and does not compute it again. Merge puts the results of all tasks together.
//
// The work folder, a folder or a bucket (see package shard), holds
//
//	plan.json                          the plan: Plan
//	inventory/HASH                     the shards or photographs of the plan, to name those that are changed
//	results/TASK                       the result of a task
//	attempts/TASK/ATTEMPT              who computed a task, and for how long
//	failures/WORKER                    why a worker of an array failed: ServeShare
//
// A Runner distributes the names of tasks over workers. A worker is a process of the command
//
//	anncapacity scale task --work URL [TASK…]
//
// with the protocol of Serve: names of tasks as arguments, or one a line on standard input. For each it prints one line on standard
// output as soon as the result is stored,
//
//	TASK<tab>computed
//	TASK<tab>present
//
// and everything else on standard error. It ends with another exit status than 0 at the first task that fails. A worker may be killed
// at any time: its results are kept, and the task that it computed is computed again.
package scale

import "context"

// Version is the version of the plan, of the results and of the computation. It changes when one of them changes. A worker of another
// version refuses a plan.
const Version = 2

// A Runner computes tasks on workers.
type Runner interface {
	// Run computes the tasks whose names are given, of the plan in the work folder, on at most the given number of workers at a
	// time. It calls done with the name of each task, once, when its result is stored; calls do not overlap. Run returns nil only
	// if all results are stored. If a worker is killed, its task is computed again by another. Run returns an error when a task
	// fails for another reason, and the error of ctx soon after ctx is done; results that are stored are kept in both cases.
	Run(ctx context.Context, work string, tasks []string, workers int, done func(task string)) error
}
