#include "runner/plan/derive.h"

#include "runner/config/config_document.h"
#include "runner/plan/references.h"

void derive_config(struct config *config, const struct tree *base,
                   const struct space *space, const struct space_point *point,
                   const struct data_places *places,
                   struct problems *problems) {
    struct tree tree;
    tree_init(&tree);
    if (base->root) {
        tree.root = tree_copy(&tree, base->root);
        for (size_t i = 0; i < space->axis_count; i++)
            tree_set(&tree, space->axes[i].path, space->axes[i].position,
                     tree_copy(&tree, point->values[i]), problems);
        references_resolve(&tree, NULL, NULL, problems);
    }
    config_init(config, &tree, places, problems);
}

bool derive_is_wanted(const struct config *config, const struct space *space,
                      struct problems *problems) {
    if (!space->where_node)
        return true;
    struct config_document document = {.config = config};
    config_document_build(&document);
    bool is_wanted =
        references_hold(document.tree.root, "sweep.where", &space->where,
                        space->where_node, NULL, NULL, problems);
    tree_release(&document.tree);
    return is_wanted;
}
