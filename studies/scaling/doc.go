// Package scaling measures how time and memory of training grow with the size of a graph: models whose pairs of nodes have
// features, whose nodes attend to all others, and whose nodes know their neighbours only. It is what "graft bench scaling"
// does.
//
// # Main types
//
//   - [Study] says which models are measured on graphs of which sizes, and within which limits. [Study.Run] does it.
//   - [Model] is a model that can be measured; [Models] has them all. They have equally many layers of the same width, and
//     predict the class of every node.
//   - [Point] is what came of a model on a graph, or why it was left out.
//   - [Fit] is how a model's time and memory grow, as a power of the number of nodes; [Fits] makes it of points.
//
// # How they meet
//
//	s := scaling.Study{Models: []string{"transformer", "performer"}, Nodes: []int{1000, 10000}, Alone: itself}
//	points, err := s.Run(ctx)
//	if err != nil {
//		return err
//	}
//	for _, f := range scaling.Fits(points) {
//		fmt.Println(f.Model, f.TimeOrder, f.MemoryOrder)
//	}
//
// # What is measured
//
// A step of training on one graph ([RandomGraph]): forward pass, cross entropy over all nodes, backward pass, clipping,
// AdamW. The graph is prepared once, before the clock starts, encodings of GRIT included; the others have no encodings.
// The time of a point is the median of its steps, its memory the peak of the resident set of a process that does nothing
// else, which [Alone] runs: what preparing took counts there.
//
// A point is left out when the memory that recipes.Model.Footprint predicts is over the limit, or the time of a step that
// the points before it let expect. It is said which.
//
// # Errors
//
// A name that is not known is an [*UnknownError] with the nearest, a setting out of range is told before anything is
// measured. A process that fails is named with what it wrote to its standard error. At the end of the context Run returns
// its error beside the points that it has.
//
// # Imports
//
// recipes, graphs, graphs/features, graphs/gps, grit, optim, nn, tensor and internal packages.
package scaling
