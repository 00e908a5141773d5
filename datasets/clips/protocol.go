package clips

import (
	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/internal/nearest"
)

// Protocol is a rule by which a set is cut into training, validation and test clips.
type Protocol int

// The protocols.
const (
	// DefaultProtocol is the first of Info.Protocols, and of a folder [RandomSplit].
	DefaultProtocol Protocol = iota
	// LastHeldOut tests on the last clip, in the order of paths, and trains on the others.
	LastHeldOut
	// TakesSplit tests on the last take of what was done more than once, see [Set.ByTake].
	TakesSplit
	// RandomSplit draws shares of the clips of each content, see [Set.Split].
	RandomSplit
)

var protocolNames = [...]string{"default", "last", "takes", "random"}

// String is the name of the protocol, as [ParseProtocol] takes it.
func (p Protocol) String() string { return nearest.Name("Protocol", int(p), protocolNames[:]) }

// MarshalText gives the name, for JSON.
func (p Protocol) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads a name, as [ParseProtocol] does.
func (p *Protocol) UnmarshalText(text []byte) error {
	parsed, err := ParseProtocol(string(text))
	if err == nil {
		*p = parsed
	}
	return err
}

// ProtocolNames lists the names that [ParseProtocol] knows.
func ProtocolNames() []string { return append([]string(nil), protocolNames[:]...) }

// ParseProtocol gives the protocol of a name, "" being the default; an unknown name is a
// *datasets.UnknownError.
func ParseProtocol(name string) (Protocol, error) {
	if name == "" {
		return DefaultProtocol, nil
	}
	p, err := datasets.Number("split protocol", name, protocolNames[:])
	return Protocol(p), err
}

// Parts cuts the set into splits by a protocol, a default one being RandomSplit; o is for that
// alone.
func (s *Set) Parts(p Protocol, o SplitOptions) Parts {
	switch p {
	case LastHeldOut:
		return s.lastHeldOut()
	case TakesSplit:
		return s.ByTake()
	}
	return s.Split(o)
}

// lastHeldOut tests on the last clip. A single one is trained on.
func (s *Set) lastHeldOut() (p Parts) {
	last := s.Len() - 1
	for i := range last {
		p.Train = append(p.Train, i)
	}
	if last == 0 {
		p.Train = []int{0}
		return p
	}
	p.Test = []int{last}
	return p
}
