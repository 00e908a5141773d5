package train

import (
	"context"
	"errors"
	"fmt"

	"github.com/graft-ml/graft/nn"
)

// lookAhead is the number of batches that are prepared before they are asked for.
const lookAhead = 2

// feed prepares batches in a goroutine of its own while the last one is being computed on. It must be stopped.
type feed struct {
	out  chan prepared
	quit chan struct{}
	done chan struct{}
	live bool
}

// prepared is a batch, or why there is none.
type prepared struct {
	batch nn.Batch
	items []int
	err   error
	panic any // what Prepare panicked with, to be raised again where the batch is asked for
}

// Releaser may be implemented by batches whose memory can be used again: the loop calls Release when it is done with a
// batch, and does not touch it afterwards.
type Releaser interface {
	Release()
}

// release gives a batch back to the data that prepared it.
func (p prepared) release() {
	if b, ok := p.batch.(Releaser); ok {
		b.Release()
	}
}

// startFeed prepares the items of order in batches of size, beginning with batch number first. order must not change
// until the feed is stopped.
func startFeed(data Data, order []int, size, first int) *feed {
	f := &feed{
		out:  make(chan prepared, lookAhead-1), // one more waits in the goroutine's hands
		quit: make(chan struct{}),
		done: make(chan struct{}),
		live: true,
	}
	go f.run(data, order, size, first)
	return f
}

func (f *feed) run(data Data, order []int, size, first int) {
	defer close(f.done)
	defer close(f.out)
	for lo := first * size; lo < len(order); lo += size {
		p := prepare(data, order[lo:min(lo+size, len(order))])
		select {
		case f.out <- p:
		case <-f.quit:
			return
		}
		if p.err != nil || p.panic != nil {
			return
		}
	}
}

func prepare(data Data, items []int) (p prepared) {
	defer func() {
		if r := recover(); r != nil {
			p.panic = r
		}
	}()
	p.items = items
	p.batch, p.err = data.Prepare(items)
	if p.err == nil && p.batch == nil {
		p.err = errors.New("the data gave neither a batch nor an error")
	}
	return p
}

// next returns the next batch. It gives up waiting when ctx ends.
func (f *feed) next(ctx context.Context) (prepared, error) {
	select {
	case <-ctx.Done():
		return prepared{}, ctx.Err()
	case p, ok := <-f.out:
		if !ok {
			panic("train: feed: more batches asked for than there are")
		}
		if p.panic != nil {
			panic(p.panic)
		}
		if p.err != nil {
			return p, fmt.Errorf("prepare items %s: %w", itemList(p.items), p.err)
		}
		return p, nil
	}
}

// stop ends the goroutine and waits for it: a Prepare under way is finished first. It may be called twice.
func (f *feed) stop() {
	if f.live {
		close(f.quit)
		f.live = false
	}
	<-f.done
}

// itemList prints the numbers of some items for a message, the first few of many.
func itemList(items []int) string {
	const most = 8
	if len(items) <= most {
		return fmt.Sprint(items)
	}
	s := fmt.Sprint(items[:most])
	return fmt.Sprintf("%s ... and %d more]", s[:len(s)-1], len(items)-most)
}
