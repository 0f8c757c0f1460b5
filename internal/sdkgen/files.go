package sdkgen

import "github.com/juicer-pay/juicer/spec"

// File is a generated file.
type File struct {
	Path    string // from the root, with slashes
	Content []byte
}

// Files are the generated files of the three SDKs.
func Files() ([]File, error) {
	c, err := Read(spec.Source())
	if err != nil {
		return nil, err
	}
	codes := newCatalogue()
	files, err := goFiles(c, codes)
	node, python := &nodeSDK{c: c}, &pythonSDK{c: c}
	return append(files,
		File{"sdk/node/src/models.ts", node.models()},
		File{"sdk/node/src/resources.ts", node.resources()},
		File{"sdk/node/src/codes.ts", codes.node()},
		File{"sdk/python/src/juicer/models.py", python.models()},
		File{"sdk/python/src/juicer/resources.py", python.resources()},
		File{"sdk/python/src/juicer/codes.py", codes.python()},
	), err
}

func goFiles(c *Contract, codes catalogue) ([]File, error) {
	g := newGo(c)
	resources, err := g.resources()
	if err != nil {
		return nil, err
	}
	models, err := g.models()
	if err != nil {
		return nil, err
	}
	errors, err := codes.golang()
	return []File{{"sdk/go/models.go", models}, {"sdk/go/resources.go", resources}, {"sdk/go/codes.go", errors}}, err
}
