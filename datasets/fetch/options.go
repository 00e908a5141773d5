package fetch

import (
	"fmt"
	"time"
)

// Options say how an item is fetched. The zero value is the documented default.
type Options struct {
	// Progress is told what is being done; nil means nobody. It is called often, from the
	// goroutine that called Get, and should be quick.
	Progress func(Progress)
	// Force fetches every file anew, whatever is there.
	Force bool
	// Offline asks no server: what is missing is an error that says where to put it.
	Offline bool
	// NoWait gives a *LockedError where another process works on the item; the default is
	// to wait for it.
	NoWait bool
	// Mirror is the address of a copy of a cache, asked before the official addresses:
	// FILE of an item is at MIRROR/FOLDER/FILE. "" means none.
	Mirror string
	// Tries is how often an address is asked that fails for reasons that may pass; an
	// attempt that brought a MiB or more is not counted. 0 means DefaultTries.
	Tries int
	// Pause is the time before the second attempt; it doubles with each. 0 means
	// DefaultPause.
	Pause time.Duration
	// Stall is how long a server may send nothing. 0 means DefaultStall.
	Stall time.Duration
}

// The defaults of Options.
const (
	DefaultTries = 4
	DefaultPause = time.Second
	DefaultStall = 30 * time.Second
)

// longestPause ends the doubling, and the patience with servers that name a time.
const longestPause = 30 * time.Second

func (o Options) filled() Options {
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	if o.Tries <= 0 {
		o.Tries = DefaultTries
	}
	if o.Pause <= 0 {
		o.Pause = DefaultPause
	}
	if o.Stall <= 0 {
		o.Stall = DefaultStall
	}
	return o
}

// Progress says what is being done.
type Progress struct {
	Item  string
	File  string // below the item's folder; "" where all of the item is meant
	Stage Stage
	Done  int64  // bytes
	Total int64  // bytes; 0 where that is not known
	Note  string // who holds the lock, why an attempt failed; may be empty
}

// Stage is a part of the work.
type Stage int

// The stages, in order of appearance.
const (
	Waiting     Stage = iota // for another process; Note says which
	Connecting               // to the server that Note names
	Downloading              // Done of Total bytes are there
	Retrying                 // after the failure that Note tells
	Verifying                // Done of Total bytes are hashed
	Unpacking                // Done bytes are unpacked
	Converting               // Done of Total bytes are read
)

var stageNames = [...]string{"waiting", "connecting", "downloading", "retrying", "verifying", "unpacking", "converting"}

// String names the stage.
func (s Stage) String() string {
	if s < Waiting || s > Converting {
		return fmt.Sprintf("Stage(%d)", int(s))
	}
	return stageNames[s]
}

// Result says what is in the cache.
type Result struct {
	// Dir is the item's folder.
	Dir string
	// Files are all files of the item, fetched, unpacked or converted, in that order.
	Files []Stored
	// Fetched is the number of bytes that came over the network.
	Fetched int64
	// Changed is false where everything was there and right.
	Changed bool
}

// Stored is a file in the cache.
type Stored struct {
	Name   string `json:"name"` // below the item's folder, slash-separated
	Size   int64  `json:"size"` // bytes
	SHA256 string `json:"sha256"`
}
