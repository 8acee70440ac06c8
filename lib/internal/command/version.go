package command

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"runtime/debug"

	"anncapacity/lib/engine/own"
)

// versionCommand prints the version of the module, its commit if the build states it, and the version of Go.
func versionCommand(_ context.Context, args []string) error {
	if err := parse(flag.NewFlagSet("version", flag.ContinueOnError), args); err != nil {
		return err
	}
	commit := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			switch {
			case s.Key == "vcs.revision":
				commit = " (commit " + s.Value
			case s.Key == "vcs.modified" && s.Value == "true":
				commit += ", changed"
			}
		}
	}
	if commit != "" {
		commit += ")"
	}
	fmt.Printf("anncapacity %s%s, %s, %s/%s\n", own.Version(), commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}
