### 仅在 Telegram 上使用的文字。

## 结果

style-submitted = “{ $name }”已提交给管理员。审核通过前仅你可用。通过后，即使你删除自己的数据，它也会保留。

## 按钮

button-cancel = ✖ 取消
button-surprise = 🎲 随机一个
button-more = 更多……
button-adjust = 调整
button-file = 高清文件
button-compare = 对比
button-film = 短片
button-share = 分享
button-styles = 🖼 风格
button-settings = ⚙ 设置
button-privacy = 🔒 隐私
button-add-to-group = ➕ 添加到群组
button-open-private = 打开
button-default = 设为我的默认风格
button-as-file = 以文件形式发送结果
button-history = 保存历史记录
button-repaintable = 允许别人转换我的照片
button-export = 导出
button-forget = 删除我的所有数据
button-forget-all = 是的，全部删除
button-keep-all = 不，保留

## 命令

command-style = 转换照片风格：/style wave 70
command-story = 把照片做成短片：/story wave 9:16
command-styles = 查看全部风格
command-mystyle = 自定义风格：/mystyle add 名称
command-history = 最近的结果
command-settings = 你的设置
command-cancel = 取消排队中的照片
command-help = 使用说明
command-privacy = 保存哪些数据，保存多久
command-export = 导出你的所有数据
command-forget = 删除你的所有数据
command-start = 开始
bot-short = 发一张照片，变成一幅画。
bot-description = 发一张照片给我，几秒钟就能变成一幅画。可选梵高、葛饰北斋、克里姆特等众多画家的风格，也可以把任何图片当作风格。在群组里，用 /style 回复照片即可。

## 管理

admin-reply = 请回复这条消息。
admin-skip = 跳过
admin-no-answer = 这个问题已过期，请重新按按钮。

## Telegram

telegram-welcome =
    发一张照片给我，我把它变成一幅画。
    任何图片都可以当作风格：用 /mystyle add 名称 回复它。
telegram-help =
    发送照片后选择风格，或直接写明：/style 梵高 70
    混合风格：/style kiss:2+scream
    动图、视频和视频贴纸也可以：发送时附上 /style，或用它回复。
    给 1 到 10 张照片附上 /story，即可做成短片：/story kiss 9:16 12s "文字"
    用 /style this 回复一张图片，即可使用它的风格。
    /styles 查看全部风格，/mystyle add 名称 用图片创建自定义风格。
    /history · /settings · /cancel · /privacy · /export · /forget
telegram-help-group =
    用 /style 回复照片、动图、视频或贴纸，也可以写明风格：/style 梵高 70
    给照片附上 /story，或用它回复照片，即可做成短片。
    /styles 查看全部风格。管理员：/settings
telegram-added = 用 /style 回复照片。管理员：/settings。
choose-style =
    { $count ->
        [1] 选择哪种风格？请点选，或写出名称。
       *[other] 这 { $count } 张照片选择哪种风格？请点选，或写出名称。
    }
telegram-styles = 点选一种查看。
telegram-styles-group = 点选一种查看。想使用它，请用 /style 加名称回复照片。
telegram-default-style = 选择哪种默认风格？
telegram-prefers = “{ $title }”已设为你的默认风格。请发一张照片。
telegram-style-ready = 请在这里发一张照片，并附上 /style { $name }。
telegram-this-ready = 风格已记住。请发一张照片，并附上 /style this。
telegram-own-styles =
    { $count ->
        [0] 还没有自定义风格。用 /mystyle add 名称 回复一张图片即可添加。
       *[other] 你的自定义风格：
    { $names }
    用 /mystyle delete 名称 删除。
    }
telegram-for = 给 { $name }
telegram-album = { $title } · { $count } 张照片
telegram-no-comparison = 这两张图片无法并排对比。
telegram-deleted = 已删除。
telegram-cancelled =
    { $count ->
        [0] 你没有排队中的照片。
       *[other] 已取消 { $count } 个请求。
    }
telegram-in-private = 仅在私聊中可用。
telegram-history = 最近的结果：查看、重新生成或删除。
telegram-no-history = 还没有结果。请发一张照片。
telegram-settings = 你的设置
telegram-export = 你的所有数据。
telegram-forget = 将删除 { $history } 条记录、{ $styles } 个自定义风格、{ $jobs } 个请求和你的设置。聊天中的消息会保留。
telegram-inline-none = 没有匹配的结果，请先转换一张照片
