package main

import (
	"fmt"
	"math"
	"os"
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"github.com/graft-ml/graft/internal/bytesize"
	"github.com/graft-ml/graft/internal/sysmemory"
)

// ofFree is the part of the free memory that a run may take where nothing else is said.
const ofFree = 0.8

// memoryFlag is the flag of commands that run models.
func memoryFlag() cli.Flag {
	return &cli.StringFlag{Name: "max-memory", DefaultText: "80 % of what is free",
		Usage: "refuse what is predicted to take more memory than `SIZE`, such as 6GB or 500MiB"}
}

// memoryLimit gives the bytes that the command may take. Where neither the flag nor the
// system says, there is no limit.
func memoryLimit(c *cli.Context) (int64, error) {
	if c.IsSet("max-memory") {
		limit, err := bytesize.Parse(c.String("max-memory"))
		if err != nil {
			return 0, misuse("--max-memory: %v", err)
		}
		return limit, nil
	}
	if free, known := sysmemory.Available(); known {
		return int64(ofFree * float64(free)), nil
	}
	return math.MaxInt64, nil
}

// overLimit adds to a refusal how to overrule it.
func overLimit(err error) error {
	return fmt.Errorf("%w. --max-memory sets another limit", err)
}

// keepGarbageLow gives back what reading data has left behind, and makes the collector run
// when garbage comes to a quarter of what is in use, rather than to as much again: graphs
// that are generated or cut anew for each batch would else double the memory of a run.
func keepGarbageLow() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(25)
	}
	debug.FreeOSMemory()
}
