import java.util.Map;
import java.util.Set;
import org.elasticsearch.index.mapper.KeywordFieldMapper;
import org.elasticsearch.index.mapper.Mapper;
import org.elasticsearch.index.mapper.NumberFieldMapper.NumberType;
import org.elasticsearch.index.mapper.TextFieldMapper;
import org.elasticsearch.plugins.MapperPlugin;
import org.elasticsearch.plugins.Plugin;

/**
 * Types of ECS mappings that are modules in no registry, each as the plain type of its family: what `_field_caps` tells of them
 * is true, their mappings and their sizes are not.
 */
public class EcsTypes extends Plugin implements MapperPlugin {
    @Override
    public Map<String, Mapper.TypeParser> getMappers() {
        return Map.of(
            "match_only_text", TextFieldMapper.PARSER,
            "wildcard", KeywordFieldMapper.PARSER,
            "constant_keyword", without("value", KeywordFieldMapper.PARSER),
            "scaled_float", without("scaling_factor", NumberType.DOUBLE.parser())
        );
    }

    private static Mapper.TypeParser without(String parameter, Mapper.TypeParser parser) {
        return (name, node, context) -> {
            node.keySet().removeAll(Set.of(parameter));
            return parser.parse(name, node, context);
        };
    }
}
