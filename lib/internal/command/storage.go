package command

import (
	"context"
	"fmt"
	"io"
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
	if len(args) == 0 {
		storageUsage(os.Stderr)
		return errUsage
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		storageUsage(os.Stdout)
		return nil
	}
	for _, c := range storageCommands {
		if c.name == args[0] {
			c.name = "storage " + c.name
			return c.runInterruptible(ctx, args[1:])
		}
	}
	fmt.Fprintf(os.Stderr, "anncapacity: unknown command %q of storage\n", args[0])
	storageUsage(os.Stderr)
	return errUsage
}

func storageUsage(w io.Writer) {
	fmt.Fprintln(w, "usage: anncapacity storage <command> [flags]    (anncapacity storage <command> -h lists the flags)")
	for _, c := range storageCommands {
		fmt.Fprintf(w, "  %-10s %s\n", c.name, c.summary)
	}
}
