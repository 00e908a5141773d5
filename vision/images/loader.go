package images

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"sync"
)

// Loader goes through a source once, decoding ahead in goroutines of its own while the
// caller works on what came before. The images come in an order that does not depend on the
// number of workers.
//
// It holds Ahead images at most, however large the source is: prepared ones, but for those
// that the workers are decoding.
type Loader struct {
	Source      Source
	Preparation Preparation
	// Shuffle goes in the order of [Shuffled] by Seed and Epoch, not from the first to the
	// last.
	Shuffle bool
	Seed    uint64
	Epoch   int
	Workers int // goroutines that decode; 0 means GOMAXPROCS
	Ahead   int // images that are decoded, or being so, before they are asked for; 0 means four a worker
}

// Order is the order of the items.
func (l Loader) Order() []int {
	if l.Shuffle {
		return Shuffled(l.Source.Len(), l.Seed, l.Epoch)
	}
	order := make([]int, l.Source.Len())
	for i := range order {
		order[i] = i
	}
	return order
}

// Each calls visit with every item and its image, in order, in the caller's goroutine. It
// ends with the first error: of an image, of visit, or of ctx.
func (l Loader) Each(ctx context.Context, visit func(item int, m *Image) error) error {
	s, err := l.Open(ctx)
	if err != nil {
		return err
	}
	defer s.Close()
	for {
		item, m, err := s.Next()
		if err == io.EOF {
			return nil
		}
		if err == nil {
			err = visit(item, m)
		}
		if err != nil {
			return err
		}
	}
}

// Open begins to decode. The stream must be closed. The error is an *OptionError.
func (l Loader) Open(ctx context.Context) (*Stream, error) {
	if err := l.Preparation.Check(); err != nil {
		return nil, err
	}
	for _, o := range []struct {
		name  string
		value int
	}{{"Workers", l.Workers}, {"Ahead", l.Ahead}} {
		if o.value < 0 {
			return nil, &OptionError{o.name, fmt.Sprintf("%d, expected a positive number, or 0 for the default", o.value)}
		}
	}
	if l.Workers == 0 {
		l.Workers = runtime.GOMAXPROCS(0)
	}
	if l.Ahead == 0 {
		l.Ahead = 4 * l.Workers
	}
	s := &Stream{loader: l, order: l.Order(), work: make(chan int), room: make(chan struct{}, l.Ahead), done: make([]chan decoded, l.Ahead)}
	s.ctx, s.cancel = context.WithCancel(ctx)
	for k := range s.done {
		s.done[k] = make(chan decoded, 1)
	}
	s.running.Add(1 + l.Workers)
	go s.dispatch()
	for range l.Workers {
		go s.decode()
	}
	return s, nil
}

// Stream is a source that is being gone through by a [Loader]. It belongs to one goroutine.
type Stream struct {
	loader  Loader
	order   []int
	at      int // place in order of what Next gives
	ctx     context.Context
	cancel  context.CancelFunc
	work    chan int       // places in order
	room    chan struct{}  // an entry for each place handed out and not yet taken by Next
	done    []chan decoded // place i is decoded into number i mod Ahead
	running sync.WaitGroup
}

// decoded is an image, or why there is none.
type decoded struct {
	image *Image
	err   error
	panic any
}

// dispatch hands out places as there is room.
func (s *Stream) dispatch() {
	defer s.running.Done()
	defer close(s.work)
	for place := range s.order {
		select {
		case s.room <- struct{}{}:
		case <-s.ctx.Done():
			return
		}
		select {
		case s.work <- place:
		case <-s.ctx.Done():
			return
		}
	}
}

// decode does what is handed out. The channel of a place is free: the place Ahead before it
// has been taken.
func (s *Stream) decode() {
	defer s.running.Done()
	for place := range s.work {
		s.done[place%len(s.done)] <- s.one(s.order[place])
	}
}

func (s *Stream) one(item int) (d decoded) {
	defer func() {
		if r := recover(); r != nil {
			d.panic = r
		}
	}()
	d.image, d.err = prepared(s.loader.Source, s.loader.Preparation, item)
	return d
}

// Next gives the next item and its image, or io.EOF after the last. What a source panics
// with is raised here. After an error the stream can only be closed.
func (s *Stream) Next() (item int, m *Image, err error) {
	if s.at == len(s.order) {
		return 0, nil, io.EOF
	}
	if err := s.ctx.Err(); err != nil {
		return 0, nil, err
	}
	select {
	case d := <-s.done[s.at%len(s.done)]:
		<-s.room
		item = s.order[s.at]
		s.at++
		if d.panic != nil {
			panic(d.panic)
		}
		return item, d.image, d.err
	case <-s.ctx.Done():
		return 0, nil, s.ctx.Err()
	}
}

// Close ends decoding and waits for the images under way. It may be called twice.
func (s *Stream) Close() {
	s.cancel()
	s.running.Wait()
}
