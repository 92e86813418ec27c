package dev.caravan.fake;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;

/** What a rule may look at before the request is judged. */
public final class RequestFacts {

    private final long number;
    private final WireRequest request;
    private final List<ParsedBody.Element> elements;

    RequestFacts(long number, WireRequest request, ParsedBody body) {
        this.number = number;
        this.request = request;
        this.elements = body.elements();
    }

    /** Returns the request's number, from 1 since the last reset, in order of arrival. */
    public long number() {
        return number;
    }

    public String method() {
        return request.method();
    }

    public String path() {
        return request.path();
    }

    /** Returns the headers by lower-case name. */
    public Map<String, String> headers() {
        return request.headers();
    }

    /**
     * Returns the elements of a batch, or the body alone, parsed anew; none if the body is
     * malformed.
     */
    public List<JsonNode> items() {
        return elements.stream().map(element -> element.raw().tree()).toList();
    }

    /** Returns the same without what is inside their objects and arrays, at no cost. */
    List<JsonNode> heads() {
        return elements.stream().map(ParsedBody.Element::head).toList();
    }
}
