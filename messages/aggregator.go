package messages

import (
	"fmt"

	"github.com/graft-ml/graft/internal/nearest"
)

// Aggregator joins the messages that come to a node into one row.
type Aggregator int

// The aggregators, column by column. A node that no edge comes to gets 0 from all of them.
const (
	AggregateSum  Aggregator = iota
	AggregateMean            // the sum over the number of messages
	AggregateMax             // the largest element; NaN if there is one
	AggregateMin             // the smallest element; NaN if there is one
	// AggregateStd is sqrt(variance + 1e-5), the variance being that of the messages at hand, not of a population they
	// were drawn from.
	AggregateStd
	aggregators
)

var aggregatorNames = []string{"sum", "mean", "max", "min", "std"}

// String returns sum, mean, max, min or std.
func (a Aggregator) String() string {
	if a < 0 || a >= aggregators {
		return fmt.Sprintf("Aggregator(%d)", int(a))
	}
	return aggregatorNames[a]
}

// MarshalText returns the name, for configuration files.
func (a Aggregator) MarshalText() ([]byte, error) {
	if a < 0 || a >= aggregators {
		return nil, fmt.Errorf("aggregator %d has no name", int(a))
	}
	return []byte(aggregatorNames[a]), nil
}

// UnmarshalText reads a name. The error of an unknown one tells the nearest known one.
func (a *Aggregator) UnmarshalText(text []byte) error {
	k, err := nearest.Index("aggregator", string(text), aggregatorNames)
	if err == nil {
		*a = Aggregator(k)
	}
	return err
}
