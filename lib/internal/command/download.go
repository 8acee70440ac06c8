package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"anncapacity/lib/internal/fetch"
)

// downloadCommand downloads one entry of the manifest and prints its path.
func downloadCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("download", flag.ContinueOnError)
	names := strings.Join(fetch.Names(), "|")
	err := parseFlags(flags, args, names)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Println("Writes to $ANNCAPACITY_HOME or, if that is not set, to anncapacity in the user's cache folder. Resumes an interrupted download.")
		return err
	case err != nil:
		return err
	case flags.NArg() != 1:
		fmt.Fprintln(os.Stderr, "usage: anncapacity download "+names)
		return errUsage
	}
	entry, err := fetch.Named(flags.Arg(0))
	if err != nil {
		return err
	}
	home, err := fetch.Home()
	if err != nil {
		return err
	}
	path, err := entry.Download(ctx, home, os.Stderr)
	var place *fs.PathError
	if errors.As(err, &place) {
		return fmt.Errorf("%w; downloads are written to %s, set ANNCAPACITY_HOME to choose another folder", err, home)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Println(path)
	return err
}
