package dev.caravan.console;

/** Ends a call of the operator API with a status and a reason for the operator. */
final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;

    ApiException(int status, String message) {
        super(message);
        this.status = status;
    }

    static ApiException notFound(String message) {
        return new ApiException(404, message);
    }

    static ApiException invalid(String message) {
        return new ApiException(400, message);
    }

    int status() {
        return status;
    }
}
