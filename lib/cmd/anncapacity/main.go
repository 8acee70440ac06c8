// Command anncapacity does the long steps of the study: what the notebooks and make call. It has every engine but those of
// large modules, which command allengines adds.
package main

import (
	"os"

	"anncapacity/lib/engine/engines"
	"anncapacity/lib/internal/command"
)

func main() { os.Exit(command.Main(engines.All())) }
