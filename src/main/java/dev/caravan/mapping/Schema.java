package dev.caravan.mapping;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.mapping.Language.Scope;
import dev.caravan.mapping.Language.Shape;
import dev.caravan.mapping.Language.Word;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The JSON Schema (draft 7) of mapping files, by which editors complete and check them. It is made
 * of the same declaration as the compiler's own rules, but says less: what a path or a date pattern
 * may be is known to the compiler alone.
 */
public final class Schema {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private Schema() {}

    /** The schema as a JSON text that ends with a line feed. */
    public static String text() {
        var indenter = new DefaultIndenter("  ", "\n");
        var printer = new DefaultPrettyPrinter();
        printer.indentObjectsWith(indenter);
        printer.indentArraysWith(indenter);
        try {
            return JsonMapper.builder().build().writer(printer).writeValueAsString(file()) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a schema is JSON", e);
        }
    }

    private static ObjectNode file() {
        ObjectNode file = NODES.objectNode();
        file.put("$schema", "http://json-schema.org/draft-07/schema#");
        file.put("title", "Caravan mapping");
        file.setAll(object(Language.words(Scope.FILE, Scope.EVENT, Scope.FIELD)));
        file.set("anyOf", required(List.of(Word.TYPE, Word.EVENTS)));
        ObjectNode definitions = file.putObject("definitions");
        definitions.set("scalar", types("string", "number", "boolean", "null"));
        definitions.set("path", NODES.objectNode().put("type", "string").put("pattern", "^\\$"));
        definitions.set("value", anyOf(ref("scalar"), ref("small")));
        definitions.set("small", small());
        definitions.set("fields", NODES.objectNode().put("type", "object"));
        ((ObjectNode) definitions.get("fields")).set("additionalProperties", ref("part"));
        definitions.set("part", part());
        definitions.set("condition", condition());
        definitions.set("entry", object(Language.words(Scope.EVENT, Scope.ENTRY, Scope.FIELD)));
        return file;
    }

    private static ObjectNode small() {
        ObjectNode small = object(Language.words(Scope.VALUE));
        small.set("anyOf", required(Language.SOURCES));
        return small;
    }

    /** A value, a list, or an object that has none of the words that would make it a value. */
    private static ObjectNode part() {
        ObjectNode object = NODES.objectNode().put("type", "object");
        object.set("not", NODES.objectNode().set("anyOf", required(Language.SOURCES)));
        object.set("additionalProperties", ref("part"));
        return anyOf(ref("scalar"), ref("small"), listOf(ref("part")), object);
    }

    private static ObjectNode condition() {
        List<Word> words = new ArrayList<>(Language.IN_CONDITION);
        words.addAll(Language.words(Scope.CONDITION));
        ObjectNode test = object(words);
        test.set("anyOf", required(List.of(Word.PATH, Word.TEMPLATE)));
        ObjectNode otherwise = NODES.objectNode().put("const", "otherwise");
        return anyOf(ref("path"), otherwise, listOf(ref("condition")), test);
    }

    private static ObjectNode object(Collection<Word> words) {
        ObjectNode object = NODES.objectNode().put("type", "object");
        ObjectNode properties = object.putObject("properties");
        for (Word word : words) {
            ObjectNode property = NODES.objectNode().put("description", word.meaning());
            property.setAll(schemaOf(word));
            properties.set(word.key(), property);
        }
        object.put("additionalProperties", false);
        return object;
    }

    private static ObjectNode schemaOf(Word word) {
        if (word == Word.MESSAGE_ID) {
            ObjectNode key = object(Language.words(Scope.MESSAGE_ID));
            key.set("required", NODES.arrayNode().add(Word.KEY.key()));
            return anyOf(ref("scalar"), ref("small"), key);
        } else if (word == Word.CONTEXT) {
            ObjectNode fields = NODES.objectNode().put("type", "object");
            fields.putObject("properties").set("page", ref("fields"));
            fields.set("additionalProperties", ref("part"));
            return anyOf(ref("path"), fields);
        }
        return schemaOf(word.shape());
    }

    private static ObjectNode schemaOf(Shape shape) {
        return switch (shape) {
            case TEXT -> types("string");
            case FLAG -> types("boolean");
            case COUNT -> types("integer").put("minimum", 0);
            case TEXTS -> anyOf(types("string"), listOf(types("string")));
            case PATH -> ref("path");
            case VALUE -> ref("value");
            case CONSTANT, SUBSTITUTE -> NODES.objectNode();
            case VALUES -> anyOf(ref("value"), listOf(ref("value")));
            case CONSTANTS -> anyOf(ref("scalar"), listOf(ref("scalar")));
            case FIELDS -> anyOf(ref("path"), ref("fields"));
            case TABLE -> {
                ObjectNode table = types("object");
                table.set("additionalProperties", ref("scalar"));
                yield table;
            }
            case CONDITION -> ref("condition");
            case ENTRIES -> listOf(ref("entry")).put("minItems", 1);
            case TYPE -> oneOf("string", "number", "boolean", "date");
            case DATE_FORM -> oneOf("iso", "date", "seconds", "millis");
        };
    }

    private static ArrayNode required(Collection<Word> words) {
        ArrayNode alternatives = NODES.arrayNode();
        for (Word word : words) {
            ObjectNode one = alternatives.addObject();
            one.putArray("required").add(word.key());
        }
        return alternatives;
    }

    private static ObjectNode ref(String definition) {
        // beside $ref a validator of draft 7 looks at nothing else, so it stands alone in allOf
        ObjectNode all = NODES.objectNode();
        all.putArray("allOf").addObject().put("$ref", "#/definitions/" + definition);
        return all;
    }

    private static ObjectNode anyOf(ObjectNode... alternatives) {
        ObjectNode any = NODES.objectNode();
        ArrayNode list = any.putArray("anyOf");
        for (ObjectNode alternative : alternatives) {
            list.add(alternative);
        }
        return any;
    }

    private static ObjectNode listOf(ObjectNode element) {
        ObjectNode list = NODES.objectNode().put("type", "array");
        list.set("items", element);
        return list;
    }

    private static ObjectNode types(String... names) {
        ObjectNode schema = NODES.objectNode();
        if (names.length == 1) {
            return schema.put("type", names[0]);
        }
        ArrayNode types = schema.putArray("type");
        for (String name : names) {
            types.add(name);
        }
        return schema;
    }

    private static ObjectNode oneOf(String... values) {
        ObjectNode schema = NODES.objectNode();
        ArrayNode names = schema.putArray("enum");
        for (String value : values) {
            names.add(value);
        }
        return schema;
    }
}
