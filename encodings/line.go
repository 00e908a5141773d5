package encodings

// places returns the place of every token on a line, [tokens]: in its sequence, those of passes before counted, or in
// the first order of a table. It refuses the other layouts on behalf of an encoding that knows lines only.
func (l *Layout) places(encoding string) ([]int32, error) {
	switch l.Kind {
	case Sequence:
		places := make([]int32, l.Tokens())
		for b := range l.Items() {
			from := l.Offsets[b]
			past := 0
			if l.Past != nil {
				past = l.Past[b]
			}
			for t := from; t < l.Offsets[b+1]; t++ {
				places[t] = int32(t - from + past)
			}
		}
		return places, nil
	case Table:
		return l.Orders[0], nil
	case Graph:
		return nil, l.Refuse(encoding, "it needs an order of the tokens, which nodes do not have: take an encoding of graphs, such as rwse, laplacian or shortest-path, or Layout.Flat")
	}
	return nil, l.Refuse(encoding, "it knows one coordinate: take an encoding of several, such as sinusoidal or axial-rope, or Layout.Flat, which lays the tokens out one after another")
}

// onLine tells attention the places of a table's tokens; those of a sequence it knows by itself.
func (l *Layout) onLine(a *Attention) {
	if l.Kind == Table && a.QueryIndex == nil && a.KeyIndex == nil {
		a.QueryIndex, a.KeyIndex = l.Orders[0], l.Orders[0]
	}
}
