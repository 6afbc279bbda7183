// Judges objects as their own projects do: those of CRDs in the API server's own code, CEL rules included, and rules of
// node feature discovery by their Go type. YAML on stdin, one problem a line on stdout. It knows Karpenter's CRDs, and
// those of the files that it is called with.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/aws/karpenter-provider-aws/pkg/apis"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/defaulting"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	utiljson "k8s.io/apimachinery/pkg/util/json"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
	nfd "sigs.k8s.io/node-feature-discovery/api/nfd/v1alpha1"
	"sigs.k8s.io/yaml"
)

func main() {
	definitions := append(apis.CRDs, read(os.Args[1:])...)
	reader := utilyaml.NewDocumentDecoder(os.Stdin)
	judged := 0
	for {
		text := make([]byte, 1<<20)
		size, err := reader.Read(text)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			fatal(err)
		}
		object := map[string]interface{}{}
		plain, err := yaml.YAMLToJSON(text[:size])
		if err != nil {
			fatal(err)
		}
		// It keeps whole numbers whole, as rules ask for them.
		if err := utiljson.Unmarshal(plain, &object); err != nil {
			fatal(err)
		}
		if len(object) == 0 {
			continue
		}
		judged++
		for _, problem := range problems(object, text[:size], definitions) {
			fmt.Printf("%v %v: %s\n", object["kind"], name(object), problem)
		}
	}
	fmt.Fprintf(os.Stderr, "%d objects\n", judged)
}

func read(files []string) []*apiextensionsv1.CustomResourceDefinition {
	found := []*apiextensionsv1.CustomResourceDefinition{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			fatal(err)
		}
		definition := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.Unmarshal(text, definition); err != nil {
			fatal(err)
		}
		found = append(found, definition)
	}
	return found
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func name(object map[string]interface{}) interface{} {
	metadata, _ := object["metadata"].(map[string]interface{})
	return metadata["name"]
}

func problems(object map[string]interface{}, text []byte, definitions []*apiextensionsv1.CustomResourceDefinition) []string {
	if object["apiVersion"] == "nfd.k8s-sigs.io/v1alpha1" && object["kind"] == "NodeFeatureRule" {
		if err := yaml.UnmarshalStrict(text, &nfd.NodeFeatureRule{}); err != nil {
			return []string{err.Error()}
		}
		return nil
	}
	for _, crd := range definitions {
		for _, version := range crd.Spec.Versions {
			if object["apiVersion"] == crd.Spec.Group+"/"+version.Name && object["kind"] == crd.Spec.Names.Kind {
				return custom(object, version.Schema)
			}
		}
	}
	return []string{fmt.Sprintf("nobody here knows %v %v", object["apiVersion"], object["kind"])}
}

// What judges the objects of one version of a definition; to make it takes longer than to use it.
type judge struct {
	structural *schema.Structural
	schema     validation.SchemaValidator
	rules      *cel.Validator
}

var judges = map[*apiextensionsv1.CustomResourceValidation]judge{}

func judgeOf(versioned *apiextensionsv1.CustomResourceValidation) judge {
	if made, ok := judges[versioned]; ok {
		return made
	}
	internal := &apiextensions.CustomResourceValidation{}
	if err := apiextensionsv1.Convert_v1_CustomResourceValidation_To_apiextensions_CustomResourceValidation(versioned, internal, nil); err != nil {
		fatal(err)
	}
	structural, err := schema.NewStructural(internal.OpenAPIV3Schema)
	if err != nil {
		fatal(err)
	}
	validator, _, err := validation.NewSchemaValidator(internal.OpenAPIV3Schema)
	if err != nil {
		fatal(err)
	}
	judges[versioned] = judge{structural, validator, cel.NewValidator(structural, true, celconfig.PerCallLimit)}
	return judges[versioned]
}

func custom(object map[string]interface{}, versioned *apiextensionsv1.CustomResourceValidation) []string {
	by := judgeOf(versioned)
	// Rules speak of objects as they are stored, with every default.
	defaulting.Default(object, by.structural)
	found := []string{}
	for _, each := range validation.ValidateCustomResource(nil, object, by.schema) {
		found = append(found, each.Error())
	}
	broken, _ := by.rules.Validate(context.Background(), nil, by.structural, object, nil, celconfig.RuntimeCELCostBudget)
	for _, each := range broken {
		found = append(found, each.Error())
	}
	options := schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	for _, path := range pruning.PruneWithOptions(object, by.structural, true, options) {
		found = append(found, "unknown field "+path)
	}
	return found
}
