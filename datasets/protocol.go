package datasets

import "github.com/graft-ml/graft/internal/nearest"

// Protocol is a rule by which a data set is cut into training, validation and
// test graphs. Figures of different protocols cannot be compared: a random split
// of molecules, say, gives far better ones than a split by scaffold.
type Protocol int

// The protocols. Which of them a data set has, its [Info] says.
const (
	// DefaultProtocol is the first of Info.Protocols.
	DefaultProtocol Protocol = iota
	// PublishedSplit is the one split, or the folds, that a set came with.
	PublishedSplit
	// ScaffoldSplit keeps molecules of one Bemis-Murcko scaffold together, large
	// groups to train on: 80, 10 and 10 % (Wu et al., MoleculeNet, 2018).
	ScaffoldSplit
	// RandomSplit draws 80, 10 and 10 % by Options.Seed.
	RandomSplit
	// OGBSplit is the scaffold split of the Open Graph Benchmark (Hu et al. 2020).
	OGBSplit
	// ErricaFolds are ten folds with a hold-out of the training graphs each, the
	// fair comparison of Errica et al. (ICLR 2020).
	ErricaFolds
	// DwivediFolds are ten folds of 8:1:1 (Dwivedi et al., arXiv 2003.00982).
	DwivediFolds
	// GINFolds are ten folds without validation graphs (Xu et al., GIN, ICLR 2019):
	// figures of that paper are those of the epoch whose mean over the tested folds
	// is best, which flatters. Val is empty.
	GINFolds
	// StratifiedFolds are ten folds with the same share of every class, drawn by
	// Options.Seed: fold f is tested, the next validates, eight are trained on.
	StratifiedFolds
)

var protocolNames = [...]string{"default", "published", "scaffold", "random", "ogb", "errica", "dwivedi", "gin", "stratified"}

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

// ParseProtocol gives the protocol of a name, "" being the default; an unknown
// name is an *UnknownError.
func ParseProtocol(name string) (Protocol, error) {
	if name == "" {
		return DefaultProtocol, nil
	}
	p, err := Number("split protocol", name, protocolNames[:])
	return Protocol(p), err
}
