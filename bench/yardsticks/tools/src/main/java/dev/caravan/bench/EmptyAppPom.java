package dev.caravan.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.transform.OutputKeys;
import javax.xml.transform.Transformer;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Writes the pom of the yardstick "empty app" from Caravan's own, so that both have the same
 * extensions: properties, managed versions and all dependencies but those of tests are copied.
 *
 * <p>{@code EmptyAppPom --from pom.xml --out empty-app/pom.xml}
 */
final class EmptyAppPom {

    private final Document target;

    private EmptyAppPom(Document target) {
        this.target = target;
    }

    public static void main(String[] args) throws Exception {
        Options options = Options.parse(args, Set.of("from", "out"));
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        Element caravan =
                factory.newDocumentBuilder()
                        .parse(Path.of(options.text("from")).toFile())
                        .getDocumentElement();
        Document document = factory.newDocumentBuilder().newDocument();
        new EmptyAppPom(document).fill(caravan);
        Transformer transformer = TransformerFactory.newInstance().newTransformer();
        transformer.setOutputProperty(OutputKeys.ENCODING, "UTF-8");
        transformer.transform(
                new DOMSource(document),
                new StreamResult(Files.newBufferedWriter(Path.of(options.text("out")))));
    }

    private void fill(Element caravan) {
        Element project = target.createElement("project");
        target.appendChild(project);
        add(project, "modelVersion", "4.0.0");
        Element parent = add(project, "parent", "");
        add(parent, "groupId", "dev.caravan.bench");
        add(parent, "artifactId", "yardsticks");
        add(parent, "version", "0.1.0");
        add(project, "artifactId", "empty-app");
        copy(project, caravan, "properties");
        copy(project, caravan, "dependencyManagement");
        dropTests(copy(project, caravan, "dependencies"));
        Element plugin = add(add(add(project, "build", ""), "plugins", ""), "plugin", "");
        add(plugin, "groupId", "io.quarkus.platform");
        add(plugin, "artifactId", "quarkus-maven-plugin");
    }

    private Element add(Element parent, String name, String text) {
        Element child = target.createElement(name);
        child.setTextContent(text);
        parent.appendChild(child);
        return child;
    }

    private Element copy(Element project, Element caravan, String name) {
        Element section = (Element) target.importNode(child(caravan, name), true);
        project.appendChild(section);
        return section;
    }

    private static void dropTests(Element dependencies) {
        Node next;
        for (Node node = dependencies.getFirstChild(); node != null; node = next) {
            next = node.getNextSibling();
            if (node instanceof Element dependency
                    && dependency.getElementsByTagName("scope").getLength() > 0
                    && child(dependency, "scope").getTextContent().equals("test")) {
                dependencies.removeChild(dependency);
            }
        }
    }

    private static Element child(Element parent, String name) {
        for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node instanceof Element element && element.getTagName().equals(name)) {
                return element;
            }
        }
        throw new IllegalArgumentException(parent.getTagName() + " has no " + name);
    }
}
