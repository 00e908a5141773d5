package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

// catchInterrupts gives a context that ends with the first Ctrl-C (or SIGTERM), so
// that work can be saved; the second ends the process at once.
func (p *program) catchInterrupts() (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		for n := 1; ; n++ {
			select {
			case <-done:
				return
			case <-signals:
			}
			if n > 1 {
				os.Exit(exitInterrupted)
			}
			fmt.Fprintln(p.errOut, "\ngraft: interrupted; the step at hand is finished first (interrupt again to quit at once)")
			cancel()
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel()
	}
}
