package dev.caravan.app;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;

/** What stands for the broker of the JMS door while nobody has said where it is. */
final class NoBroker implements ConnectionFactory {
    private static final String RULE = "'#caravan-jms' needs caravan.jms.url";

    @Override
    public Connection createConnection() throws JMSException {
        throw new JMSException(RULE);
    }

    @Override
    public Connection createConnection(String user, String password) throws JMSException {
        throw new JMSException(RULE);
    }

    @Override
    public JMSContext createContext() {
        throw new JMSRuntimeException(RULE);
    }

    @Override
    public JMSContext createContext(String user, String password) {
        throw new JMSRuntimeException(RULE);
    }

    @Override
    public JMSContext createContext(String user, String password, int mode) {
        throw new JMSRuntimeException(RULE);
    }

    @Override
    public JMSContext createContext(int mode) {
        throw new JMSRuntimeException(RULE);
    }
}
