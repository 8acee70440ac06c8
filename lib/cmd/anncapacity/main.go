// Command anncapacity runs the long steps of the study, which the notebooks and make call. It includes every engine except
// those that need large modules; command allengines includes these as well.
package main

import (
	"os"

	"anncapacity/lib/engine/engines"
	"anncapacity/lib/internal/command"
)

func main() { os.Exit(command.Main(engines.All(), command.Drivers{})) }
