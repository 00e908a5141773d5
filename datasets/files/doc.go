// Package files reads graphs that people bring along: tables of molecules, lists of
// edges and nodes, GraphML, graph6 and JSON Lines. It cuts them into splits, learns
// from the training split what the features mean, and makes graphs of numbers of
// them, for training now and for prediction later.
//
// # Main types
//
//   - [Options] say which files there are, which columns mean what, and what to do
//     about missing values, unknown categories, self loops and parallel edges.
//   - [Load] reads everything and gives a [Loaded]: a datasets.Set and a [Schema].
//   - [Schema] is what was read off the training split: categories, means, names of
//     classes. It is stored with a trained model and makes the same numbers of the
//     same words later.
//   - [MoleculeReader] reads a table of molecules row by row, [GraphReader] the other
//     kinds graph by graph, both for prediction. [Schema.Answer] turns what a model
//     predicts into words and numbers in original units.
//   - [Table] is the reader of delimited text below all tables.
//   - [LoadSet] loads a published set by name, from the table of its molecules where
//     nothing else is there; [Molecule] and [Scaffold] are what that needs.
//
// # Use
//
//	o := files.Options{Path: "molecules.csv", SMILESColumn: "smiles", TargetColumn: "y"}
//	loaded, err := files.Load(ctx, files.Request{Kind: files.CSV, Options: o}, nil)
//	if err != nil {
//		return err // molecules.csv:17: column "smiles": ...
//	}
//	fmt.Println(loaded.Set.Train.Len(), loaded.Schema.Targets[0].Mean)
//
// # Which columns are features
//
// Of a table of molecules none but the SMILES: features are those of graphs/smiles.
// Of nodes and edges all columns that have no other part, less those of
// [Options].Ignore. A column is categorical where [Options].Categorical names it,
// numeric where [Options].Numeric does. Of the others a column is numeric if every
// value that the training split has is a number, else categorical: so a column of
// classes called 1, 2, 3 has to be named. GraphML says itself what a column is.
//
// Numeric columns are standardised by the mean and standard deviation of the
// training split; categories get ids in the order of numbers or of the alphabet.
// Where a single graph is given and its nodes are split, the training split has all
// of its nodes, some with their labels: their features are known in training.
//
// # Missing values
//
// A cell that is empty, or says NA, N/A, NaN, null or None in any case, is missing
// where a number is expected; a class is missing where its cell is empty or says NaN,
// a category where its cell is empty.
// Missing features are refused unless [Options].Impute says otherwise. Missing
// targets are refused where there is one target; of several some may be missing, and
// so may labels of nodes.
//
// # Limits
//
// A row of a table has at most [Options].MaxRow bytes, a graph at most
// [Options].MaxNodes nodes; a file called *.gz may grow a thousandfold, but 16 MiB in
// any case. A column has at most 10,000 categories, a target 1,000 classes.
//
// # Errors
//
// A row that cannot be used is a [*RowError] with file, line and column; a reader can
// go on behind it. What is wrong with a file as a whole is a [*FileError]. An option
// that makes no sense is an [*OptionError]. LoadSet has the errors of datasets.Load.
//
// # Imports
//
// datasets, graphs, graphs/smiles, internal/bounded and internal/nearest.
package files
