package imagesets

import (
	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/internal/nearest"
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
