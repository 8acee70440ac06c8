package command

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// storageCommands are the commands below the command storage.
var storageCommands = []command{
	{"build", "builds an index of vectors on a disk", "the checkpoints of a training are kept; the same command continues", storageBuildCommand},
	{"search", "searches an index on a disk", "nothing is kept; the same command starts from the beginning", storageSearchCommand},
	{"study", "compares the ways to lay out vectors on a disk", "the trials that were finished are kept; the same command continues", storageStudyCommand},
	{"disk", "measures indexes of this project and of other programs on a disk", "the indexes that were measured are kept; the same command continues", storageDiskCommand},
}

func storageCommand(ctx context.Context, args []string) error {
	if len(args) > 0 {
		for _, c := range storageCommands {
			if c.name == args[0] {
				err := c.run(ctx, args[1:])
				if errors.Is(err, context.Canceled) {
					return interrupted{command{name: "storage " + c.name, stopped: c.stopped}}
				}
				return err
			}
		}
		fmt.Fprintf(os.Stderr, "anncapacity: unknown command %q of storage\n", args[0])
	}
	fmt.Fprintln(os.Stderr, "usage: anncapacity storage <command> [flags]    (anncapacity storage <command> -h lists the flags)")
	for _, c := range storageCommands {
		fmt.Fprintf(os.Stderr, "  %-10s %s\n", c.name, c.summary)
	}
	return errUsage
}
