package tableqa

import (
	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/internal/nearest"
)

// Protocol is a rule by which a data set is cut into training, validation and test
// questions. Figures of different protocols cannot be compared.
type Protocol int

// The protocols. Which of them a data set has, its [Info] says.
const (
	// DefaultProtocol is the first of Info.Protocols.
	DefaultProtocol Protocol = iota
	// PublishedSplit is the split that the set was published with. WikiTableQuestions:
	// random-split-k for training and validation, k being Options.Fold + 1, and
	// pristine-unseen-tables for testing. TabFact: the official training statements, which
	// need tokenized_data/train_examples.json.
	PublishedSplit
	// WholeTraining trains on all of training.tsv of WikiTableQuestions and has nothing to
	// validate on.
	WholeTraining
	// ValAsTrain trains on nine tenths of TabFact's validation tables and validates on the
	// other tenth (every tenth table of val_id.json), for want of the training statements;
	// tests are the official ones.
	ValAsTrain
	// Pairs trains on the pairs of statements in raw wording that TabFact has of its
	// training tables; validation and test statements are the official ones, which are
	// lemmatised.
	Pairs
	// RawPairs uses TabFact's pairs in raw wording for all three splits, so that the wording
	// is one throughout; its test is not the official one.
	RawPairs
	// SeededSplit is that of generated tasks: every split has random streams of its own.
	SeededSplit
)

var protocolNames = [...]string{"default", "published", "whole-training", "val-as-train", "pairs", "raw-pairs", "seeded"}

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
