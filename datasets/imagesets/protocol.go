package imagesets

import (
	"fmt"

	"github.com/graft-ml/graft/datasets"
)

// Protocol is a rule by which a data set is cut into training, validation and test images.
type Protocol int

// The protocols. All test on the published test images.
const (
	// DefaultProtocol is the first of Info.Protocols.
	DefaultProtocol Protocol = iota
	// HeldOut validates on a share of the published training images, the same share of every
	// class, drawn by Options.Seed, and trains on the others.
	HeldOut
	// PublishedSplit trains on all training images and has nothing to validate on: published
	// figures are of models trained so, some of them chosen by the test images.
	PublishedSplit
)

var protocolNames = [...]string{"default", "held-out", "published"}

// String is the name of the protocol, as [ParseProtocol] takes it.
func (p Protocol) String() string {
	if p < DefaultProtocol || p > PublishedSplit {
		return fmt.Sprintf("Protocol(%d)", int(p))
	}
	return protocolNames[p]
}

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
	for p, known := range protocolNames {
		if name == known {
			return Protocol(p), nil
		}
	}
	return 0, &datasets.UnknownError{What: "split protocol", Name: name, Known: protocolNames[:]}
}
