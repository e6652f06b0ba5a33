### stylebot 说的话，简体中文。

## 排队

queue-next = { $title } · 马上轮到你
queue-place = { $title } · 前面还有 { $ahead } 张照片
queue-about = { $place } · 大约 { $seconds } 秒
queue-progress = { $title } · 第 { $done } 张，共 { $count } 张
queue-share = { $title } · 已完成 { $percent }%
queue-paused = { $title } · 画室暂时关门。{ $words } 你的照片会保留排队的位置，前面还有 { $ahead } 张。
queue-cancelled = 已取消。
queue-waits-for-engine = 画室暂时关门，你的照片会保留排队的位置。

## 结果

photo-skipped = 第 { $number } 张照片没有画成。{ $reason }
first-frame = 这是动图，我只画了第一帧。
first-frame-only = 这是动图，只会画第一帧。
style-retired = “{ $title }”已经停用，我用了最接近的风格。
style-added = “{ $name }”现在是你的风格了。
style-submitted = “{ $name }”已提交给管理员。通过之前只有你能用。通过之后，即使你删除自己的数据，它也会保留。
style-removed = “{ $name }”已删除。

## 隐私

privacy =
    我保存你的设置，以及你自己的风格和对应的图片（已加密）。
    你的作画记录保存 { $days } 天，里面只有照片在平台上的编号，没有图片。
    你的请求保存 { $jobs } 天，同样没有图片。
    你发来的照片和我画的图都不会保存，也不会用来训练。照片里的附加信息会被去掉。
    如果有人被禁止使用，我只保留一个化名。管理员的操作记录保留一年。
    已经对所有人开放的风格会一直保留。
    你可以在设置里禁止别人用你的照片作画。
    我被移出一个群以后，它的设置会在 { $grace } 天后删除。
    /export 把全部数据发给你，/forget 把它们删除。
forgot = 已删除：{ $history } 条记录、{ $styles } 个自己的风格、{ $jobs } 个请求，以及你的设置。

## 机器人的错误

error-unknown_style_name =
    { $close ->
        [none] 没有叫“{ $name }”的风格。发送 /styles 查看全部风格。
       *[other] 没有叫“{ $name }”的风格。你是不是想要 { $close }？
    }
error-style_resting = “{ $title }”暂时停用，请换一个风格。
error-style_gone = 这个风格已经没有了，请换一个。
error-style_not_here = 这个聊天里不能用“{ $title }”，请换一个风格。
error-bad_number = 风格后面的数字从 0 到 100，0 就是原来的照片。
error-no_photo =
    { $what ->
        [video] 我画不了视频。发一张照片给我，或者视频的截图也行。
        [voice] 我听不了语音。发一张照片给我，我来画。
        [file] 这个文件不是图片。我能读 JPEG、PNG、WebP、GIF、AVIF 和 HEIC。
        [link] 我打不开链接。请把图片保存下来再发给我。
        [words] 我是画照片的。发一张给我，我先给你看几种风格的样子。
        [other] 我只能画图片。发一张照片给我吧。
       *[none] 这里没有照片。发一张照片，或者用 /style 回复一张。
    }
error-no_style_picture = 用哪张图片呢？发图片时附上 /mystyle add 名称，或者用它回复一张图片。
error-no_reference = 想用哪张图片的风格，就用“this”回复那张图片。
error-album_too_large = 一次最多 { $limit } 张照片。
error-unsuitable_picture = 这张图片不能在这里显示。
error-blocked = 你已被禁止使用这个机器人。
error-bot_admins_only = 只有这个机器人的管理员才能这样做。
error-opted_out = 发这张图片的人不希望别人拿去作画。
error-bad_whom = 请写明是谁，例如 telegram:123、discord:456 或 chat discord:789。管理员不能被禁止。
error-bad_limit = 可以设置的有：{ $names }。这一项的范围是 { $least } 到 { $most }。
error-bad_style_file = 这个文件用不了：它不是风格文件，或者来自别的引擎又没有附带图片。
error-closed = 画室暂时不接新的照片。{ $words }
error-cancelled_by_admin = 管理员取消了你的请求。
error-admins_only = 在这个聊天里，只有管理员可以这样做。
error-other_topic = 在这个群里，我只在另一个话题中作画。
error-not_yours = 这是别人的作品。用 /style 回复那张照片，就能画一张你自己的。
error-no_pictures_here = 我在这里不能发图片。请让管理员开放权限，或者私聊我，用 /history 查看。
error-topic_closed = 这个话题已经关闭了。请私聊我，用 /history 查看你的图片。
error-other_chat = 这张照片来自别的聊天。想在这里画，请在这里重新发一次。
error-too_many_waiting = 你已经有 { $waiting } 张照片在排队，最多 { $limit } 张。等画好一些再发吧。
error-too_fast = 每分钟最多 { $limit } 张照片，请在 { $seconds } 秒后再试。
error-queue_full = 有 { $waiting } 张照片在排队，请过几分钟再试。
error-too_many_own_styles = 你已经有 { $limit } 个自己的风格，不能再多了。请先删除一个。
error-own_styles_off = 这个聊天里不能用自己的风格。可以在和我的私聊里添加。
error-style_name_taken = 已经有叫“{ $name }”的风格了，请换一个名字。
error-bad_style_name = 名字要有 1 到 { $limit } 个字，不能含有 + 或 :。也不能叫“this”，或者以数字结尾。
error-entry_gone = 你的记录里已经没有它了。
error-source_gone = 原照片已经不在了，请再发一次。
error-page_gone = 这来自我的旧版本，或者已经不在了。/admin 里有现在的一切。
error-storage_unavailable = 我现在什么都记不下来，所以没有收下。请过几分钟再试。
error-too_late = 已经画好了。
error-gave_up = 这张照片试了好几次都没有成功，我不再试了。

## 引擎的错误

error-image_too_large = 图片太大：最多 20 MB、6400 万像素。
error-image_too_small = 图片太小：每边至少 32 像素，长宽比不能超过 20:1。
error-unsupported_image = 我能读 JPEG、PNG、WebP、GIF、AVIF、HEIC、TIFF 和 BMP，这张都不是。
error-broken_image = 图片已损坏，无法读取。
error-unknown_style = 引擎不认识这个风格，请换一个。
error-stale_style = 这个风格已经过期，又没法更新，请换一个。
error-invalid_option = 这样画不了，请换一个风格，或改一改设置。
error-engine_unavailable = 画室暂时关门，请稍后再试。
error-engine_busy = 画室现在很忙，请稍后再试。
error-too_many_requests = 画室里已经有你的很多图片，请稍后再试。
error-training_failed = 精修失败了，请再试一次。
error-cannot_refine = 这里不能精修风格。
error-already_refining = 正在精修另一个风格，请过几分钟再试。
error-deadline_passed = 用的时间太长了，请再试一次。
error-shutting_down = 画室马上要关一会儿门，请稍后再试。
error-internal = 出了点问题，不是你的错。请再试一次。

## 按钮

button-cancel = ✖ 取消
button-surprise = 🎲 随机一个
button-back = ◀ 返回
button-more = 更多…
button-adjust = 调整
button-file = 高清文件
button-compare = 对比
button-share = 分享
button-styles = 🖼 风格
button-settings = ⚙ 设置
button-privacy = 🔒 隐私
button-add-to-group = ➕ 加到群组
button-open-private = 打开
button-usual = 设为我的常用风格
button-usual-style = 常用风格：{ $title }
button-as-file = 结果以文件发送
button-history = 保存作画记录
button-any-language = 跟随应用语言
button-styles-here = 本群可用风格：{ $count }
button-admins-only = 仅管理员可用
button-this-topic = 仅限本话题
button-waiting = 每人排队：
button-quiet = 安静模式：只发结果
button-own-styles = 允许成员自己的风格
button-open-buttons = 所有人都能按按钮
button-repaintable = 别人可以用我的照片作画
button-per-minute = 每人每分钟：
button-photo-check-off = 不检查照片
button-photo-check-spoiler = 遮盖
button-photo-check-refuse = 拒绝
button-export = 导出
button-forget = 删除我的数据
button-forget-all = 是的，全部删除
button-keep-all = 不，保留
language-name = 中文

## 命令

command-style = 给照片作画：/style wave 70
command-styles = 用图片展示所有风格
command-mystyle = 自己的风格：/mystyle add 名称
command-history = 你最近的作品
command-settings = 你的偏好设置
command-cancel = 取消排队中的请求
command-help = 我能做什么
command-privacy = 我保存什么、保存多久
command-export = 我保存的你的全部数据
command-forget = 删除我保存的你的全部数据
command-start = 开始
command-admin = 风格、队列、限制、统计
command-addstyle = 给所有人的新风格：附上图片发送 /addstyle 名字
command-importstyle = 从文件导入风格
command-queue = 谁在排队
command-pause = 收照片但不作画：/pause 18:00 回来
command-drain = 画完排队的，不再接收新的
command-open = 恢复开放
command-block = 禁止某人：/block telegram:123 原因
command-allow = 重新允许某人
command-blocks = 谁被禁止了
command-chats = 群组和服务器的设置
command-limits = 各种数量限制：/limits per_minute 5
command-stats = 最近一天的数字
command-audit = 管理员的操作记录，以及别人的尝试
bot-short = 发来照片，还你一幅画。
bot-description = 发一张照片给我，几秒钟就能变成一幅画。可以选梵高、北斋、克里姆特等许多画家的风格。你喜欢的任何图片也都可以当作风格。在群里，用 /style 回复照片就行。

## 管理

admin-styles = { $count } 个风格 · ● 启用 ◌ 休息 ✎ 草稿 ? 待审 ✕ 停用 ★ 默认
admin-state-draft = 草稿
admin-state-submitted = 待审
admin-state-on = 启用
admin-state-resting = 暂停
admin-state-retired = 停用
admin-used = 七天内画了 { $count } 次
admin-doubtful = 内容检查不会通过它的图片，请自行决定。
admin-enable = 启用
admin-rest = 暂时停用
admin-retire = 停用
admin-restore = 恢复
admin-discard = 丢弃
admin-title = 标题：{ $language }
admin-tags = 标签
admin-previews = 预览
admin-export = 导出
admin-refine = 精修
admin-refining = 正在精修“{ $title }” · { $percent } %
admin-refined = “{ $title }”已精修。画作与图片的差距从 { $before } 变为 { $after }（格拉姆距离，0 为相同）。
admin-not-better = “{ $title }”保持不变，没有找到更好的。
admin-move-first = ⤒ 最前
admin-move-earlier = ▲ 往前
admin-move-later = ▼ 往后
admin-make-default = 设为所有人的默认风格
admin-accept = 通过，给所有人
admin-decline = 不通过
admin-look = 看看
admin-submission = 有人把风格“{ $name }”提供给所有人。
admin-room-styles = 风格
admin-room-queue = 队列
admin-room-limits = 限制
admin-room-blocks = 已禁止
admin-room-stats = 统计
admin-room-audit = 记录
admin-is-open = ▶ 开放
admin-is-paused = ⏸ 暂停
admin-is-draining = ⏏ 收尾
admin-gate-open = ▶ 开放
admin-gate-paused = ⏸ 暂停
admin-gate-draining = ⏏ 收尾
admin-waiting = { $waiting } 个排队，{ $running } 个进行中
admin-oldest = 最久的等了 { $seconds } 秒。各聊天的照片数：
admin-blocked =
    { $count ->
        [0] 已禁止。
       *[other] 已禁止，并取消了 { $count } 个请求。
    }
admin-allowed = 已重新允许。
admin-not-blocked = 这一个没有被禁止。
admin-stats = { $hours } 小时：{ $chats } 个聊天里 { $people } 人的 { $photos } 张照片
admin-times = 等待中位数 { $wait } 秒，作画 { $work } 秒
admin-audit = 做过的事，最新的在前
admin-about-styles = 全部风格：查看、启用、改名、排序、停用；以及用户提交的风格
admin-about-cancel = 放弃一个请求
admin-job = 它在队列里的编号
admin-limit = 哪一项；不填则显示全部
admin-value = 多少；不填则恢复默认
admin-cancelled = 请求 { $job } 已放弃。
admin-discarded = 草稿已删除。
admin-declined = “{ $title }”仍然只归它的主人。
admin-exported = 有了这个文件，在哪里都能做出同样的风格：在那里导入它。
admin-room = 管理
admin-room-chats = 聊天
admin-usual = 所有人的默认风格
admin-offered = 用户提交的
admin-no-default = 不再作为默认风格
admin-move-first-named = 把{ $title }放到最前
admin-move-earlier-named = 把{ $title }上移
admin-move-later-named = 把{ $title }下移
admin-pictures = 选择图片
admin-name = 叫什么名字
admin-begin = 开始草稿
admin-import = 导入风格
admin-file = 风格文件 NAME.stylebot.json
admin-rename = 改名
admin-tags-how = 它是什么样的，用逗号分开
admin-words = 这期间对大家说的话
admin-column-request = 请求
admin-column-of = 谁的
admin-column-state = 状态
admin-column-age = 时长
admin-give-up = 取消
admin-give-up-named = 取消请求 { $job }
admin-limit-waiting = 队列里所有人的照片
admin-limit-waiting_per_user = 队列里每人的照片
admin-limit-per_minute = 每人每分钟的照片
admin-limit-running_per_user = 每人同时进行的请求
admin-limit-album = 一个请求里的照片
admin-limit-own_styles = 每人自己的风格
admin-between = { $least } 到 { $most }
admin-usual-value = 恢复为 { $usual }
admin-whom = 谁，例如 web:123、telegram:123 或 chat discord:456
admin-why = 原因，只给管理员看
admin-block = 禁止
admin-allow = 重新允许
admin-allow-named = 重新允许 { $name }
admin-blocks =
    { $count ->
        [0] 没有人被禁止。
       *[other] 被禁止的有 { $count } 个，只保留化名。
    }
admin-chats-how =
    { $count ->
        [0] 还没有群组或服务器做过设置。
       *[other] 做过设置的群组和服务器。在这里的修改立即生效。
    }
admin-chat-styles = 允许的风格：{ $count } 个
admin-chat-all-styles = 允许所有风格
admin-photo-check = 不宜直接展示的照片
admin-spans = 最近多少小时
admin-job-queued = 等待中
admin-job-running = 进行中
admin-job-done = 正在送出
admin-job-delivered = 已送达
admin-job-failed = 失败
admin-job-cancelled = 已取消
admin-job-draft = 还没选风格
admin-best = 画得最多的
admin-column-when = 时间
admin-column-who = 谁
admin-column-act = 做了什么
admin-column-subject = 对象
admin-limits = 各种数量限制；括号里是默认值。
admin-ask-title = “{ $title }”的{ $language }标题叫什么？
admin-ask-tags = “{ $title }”有什么特点？用逗号分开各个词。
admin-add-how = 请发一张图片，或者同一位画家最多四张的相册。
admin-import-how = 请发风格文件 NAME.stylebot.json。
admin-ask-words = 这期间对大家说什么？例如：18:00 回来。
admin-ask-whom = 谁？一个人或一个聊天：telegram:123、discord:456 或 chat discord:789。
admin-ask-why = 为什么？只给管理员看。
admin-ask-limit = { $least } 到 { $most }，或发“usual”恢复为 { $usual }。
admin-reply = 请回复这条消息。
admin-skip = 不填，继续
admin-place = 放到第几位，从 0 开始
admin-saved = 已保存。
admin-save = 保存
admin-change = 修改
admin-again = 再看一次
admin-language = 语言
admin-outcomes = 结果如何
admin-column-photos = 照片
admin-no-answer = 这个问题来自我的旧版本，请再按一次按钮。

## Telegram

telegram-welcome =
    发一张照片给我，我把它画成一幅画。
    任何图片都可以当作风格：用 /mystyle add 名称 回复它。
telegram-help =
    发照片再选风格，或者直接写上：/style 梵高 70
    混合风格：/style kiss:2+scream
    用 /style this 回复一张图片，就用它的风格。
    /styles 展示所有风格，/mystyle add 名称 把图片变成你自己的风格。
    /history · /settings · /cancel · /privacy · /export · /forget
telegram-help-group =
    用 /style 回复照片，也可以写上风格：/style 梵高 70
    /styles 展示所有风格。管理员：/settings
telegram-added = 用 /style 回复照片。管理员：/settings。
choose-style =
    { $count ->
        [1] 想要哪种风格？点一个，或者写出它的名字。
       *[other] 这 { $count } 张照片想要哪种风格？点一个，或者写出它的名字。
    }
choose-style-group =
    { $count ->
        [1] 想要哪种风格？
       *[other] 这 { $count } 张照片想要哪种风格？
    }
send-photo-for = 发一张照片给我，我就画成“{ $title }”。
telegram-styles = 点一个看看。
telegram-styles-group = 点一个看看。想用它，就用 /style 加名字回复照片。
telegram-usual-style = 没有写明风格时用哪一种？
telegram-allowed-styles = 这里允许哪些风格？
telegram-prefers = “{ $title }”现在是你的常用风格。发照片给我吧。
telegram-style-ready = 现在在这里发一张照片，并写上 /style { $name }。
telegram-this-ready = 我记住了它的风格。现在发照片，附上 /style this。
telegram-own-styles =
    { $count ->
        [0] 你还没有自己的风格。用 /mystyle add 名称 回复一张图片。
       *[other] 你自己的风格：
    { $names }
    用 /mystyle delete 名称 删除。
    }
telegram-for = 画给 { $name }
telegram-album = { $title } · { $count } 张照片
telegram-no-comparison = 这两张无法并排显示。
telegram-deleted = 已删除。
telegram-cancelled =
    { $count ->
        [0] 你没有排队中的请求。
       *[other] 已放弃 { $count } 个请求。
    }
telegram-in-private = 这个只能在我们的私聊里看。
telegram-history = 你最近的作品：查看、重画或删除。
telegram-no-history = 还没有。发一张照片给我吧。
telegram-settings = 你喜欢怎样？
telegram-chat-settings = 本群怎样设置？
telegram-export = 我保存的你的全部数据。
telegram-forget = 这会删除 { $history } 条记录、{ $styles } 个自己的风格、{ $jobs } 个请求和你的设置。聊天里的消息会保留。
telegram-inline-none = 没有相符的结果。先画一张照片吧

## Discord

discord-menu-stylize = 绘画风格
discord-command-style = 把图片重画成名画的风格
discord-option-image = 图片
discord-describe-image = 要重画的图片
discord-option-style = 风格
discord-describe-style = 风格或画家，如 梵高；也可以混合，如 wave+kiss
discord-option-how = 选项
discord-describe-how = 从 0 到 100 的数字，或者候选的选项
discord-option-private = 私密
discord-describe-private = 是否只有你能看到结果
discord-command-styles = 查看全部风格
discord-command-mystyles = 你自己的风格
discord-command-mystyles-add = 用一张图片做你自己的风格
discord-command-mystyles-list = 查看或删除你自己的风格
discord-command-history = 你的作画记录，可以再画一次
discord-command-settings = 常用风格、设置、语言等
discord-command-server = 管理员：本服务器的风格、限制和语言
discord-command-privacy = 我保存什么，保存多久
discord-command-export = 把我保存的你的全部数据导出成文件
discord-command-forget = 删除我保存的你的全部数据
discord-command-cancel = 取消你正在排队的图片
discord-command-help = 我会做什么
discord-help =
    ## stylebot
    我把图片画成名画的风格。
    - 用 **/style** 并附上图片。
    - 右键点击带图片的消息，选择**应用 › 绘画风格**。
    - 提及我并附上图片，或者直接发图片给我。
    - 可以写出风格或画家：“画成梵高的风格”。
    - 在结果下方可以换风格、改设置，也可以看原始尺寸和前后对比。
    - **/styles** 查看全部风格，**/mystyles add** 用你的图片做风格。
    - **/history**、**/settings**、**/cancel**；管理员可用 **/server**。
    - **/privacy**、**/export**、**/forget**。
discord-alt = 以“{ $title }”风格绘制的图片
discord-alt-before = 目前的结果
discord-another-style = 换一个风格……
discord-adjust = 调整
discord-hd = 高清文件
discord-compare = 对比
discord-compared = **{ $title }** · 前后对比
discord-before = 之前
discord-after = 之后
discord-share = 分享到频道
discord-delete = 删除
discord-cancel = 取消
discord-cancelled =
    { $count ->
        [0] 你没有正在排队的图片。
       *[other] 已取消 { $count } 个请求。
    }
discord-hello = 你好！发一张照片给我，我先给你看几种风格的样子。也可以直接写出画家的名字。
discord-adult = 它来自有年龄限制的频道，而这个频道没有限制。
discord-made-smaller = 为了符合 Discord 的大小限制，已缩小到 { $width } × { $height } 像素。
discord-no-photo = 我没有看到可以读取的图片。请把图片和提及一起发来。也可以右键点击带图片的消息，选择应用 › 绘画风格。
discord-choose-style = 要哪个风格？
discord-choose-picture = 要哪张图片？
discord-picture = 第 { $number } 张
discord-all-pictures = 全部
discord-as-default = 设为我的常用风格
discord-only-me = 只有我能看到
discord-none = 无
discord-all = 全部
discord-styles = 风格
discord-own-styles = 你自己的风格
discord-own-add = 添加
discord-own-remove = 删除……
discord-own-title = 你自己的风格
discord-own-name = 名字
discord-own-picture = 哪张图片的风格
discord-history = 你的作画记录
discord-choose-entry = 选择一个……
discord-show = 查看
discord-again = 再画一次
discord-entry-removed = 它已不在你的记录里。
discord-export = 导出
discord-exported = 我保存的你的全部数据。只有你能看到。
discord-forget = 删除我的数据
discord-forget-asks = 要删除 { $history } 条记录、{ $styles } 个自己的风格、{ $jobs } 个请求和你的设置吗？正在排队的会被取消。
discord-forget-yes = 是的，删除
discord-forget-no = 保留
discord-forget-kept = 什么都没有删除。
discord-settings = 设置
discord-set-style = 常用风格
discord-set-file = 高清文件
discord-set-history = 保存记录
discord-no-default = 不设常用风格
discord-language-of-discord = Discord 的语言
discord-language-of-each = 各人自己的语言
discord-server = 本服务器
discord-srv-allowed = 这里允许的风格
discord-srv-allow-all = 全部允许
discord-srv-admins = 仅限管理员
discord-srv-quiet = 只发结果
discord-srv-own = 自己的风格
discord-srv-open = 开放按钮
discord-srv-waiting = 每人排队数
discord-srv-minute = 每分钟
discord-set-repaintable = 允许别人重画我的图片
discord-own-submit = 提交一个给所有人……
discord-own-waits = 等待管理员审核
discord-own-submitted = “{ $name }”已提交。在管理员同意之前，它仍只属于你。
discord-srv-check =
    { $state ->
        [missing] 图片检查 · 未安装
        [spoiler] 图片检查 · 遮盖
        [refuse] 图片检查 · 拒绝
       *[off] 图片检查 · 关闭
    }
discord-command-admin = 仅供机器人的管理员使用
discord-describe-admin-user = Discord 上的一个人
discord-admin-painting = 正在画预览……
discord-admin-file-too-large = 文件超过了这里 Discord 的大小限制。请在限制更高的服务器导出。

## Studio

studio-name = 画室
studio-skip = 跳到图片
studio-nav = 页面
studio-photos = 照片
studio-styles = 风格
studio-history = 历史
studio-settings = 设置
studio-privacy = 隐私
studio-to-dark = 深色
studio-to-light = 浅色
studio-headline = 把你的照片变成画。
studio-promise = 放入一张照片，立刻看到它的 { $count } 种风格。有梵高、北斋、克里姆特等等，你喜欢的图片也可以。不用账号，照片 { $hours } 小时后删除。
studio-drop = 把照片拖到这里
studio-drop-by-finger = 你的一张照片
studio-drop-more = 也可以粘贴，或者
studio-choose = 选择照片
studio-camera = 拍一张
studio-show-it = 查看所有风格
studio-too-large = 图片太大：最多 20 MB、6400 万像素。
studio-working = 请稍等，正在读取图片……
studio-samples = 或者试试这些
studio-try-sample = 试试示例照片 { $number }
studio-another-photo = 换一张照片
studio-recent = 你的照片
studio-photo-of = 你在 { $time } 的照片
studio-your-photo = 你的照片
studio-painted-as = 你的照片，{ $title }风格
studio-sample-as = 示例照片，{ $title }风格
studio-picture-of = “{ $title }”用的原图
studio-gallery = 你的照片，{ $count } 种风格
studio-gallery-how = 点一种，画出完整的画。
studio-another = 换一种风格
studio-painters = 画家
studio-filters = 滤镜
studio-own = 自己的
studio-blend = 混合
studio-blend-none = 不混合
studio-share = 所占比例
studio-paint = 开始画
studio-repaint = 重新画
studio-before = 之前
studio-after = 之后
studio-compare = 在画旁边显示多少照片
studio-by = { $artist }，{ $year }年
studio-save-photo = 保存图片
studio-save-file = 原尺寸
studio-delete = 删除
studio-delete-named = 删除“{ $title }”
studio-again = 再画一次
studio-cancel = 取消
studio-waiting = 等待中
studio-result-gone = 这张画已经不再保留。请重新画，或者找找你保存的图片。
studio-photo-gone = 这张照片已经不再保留。想换风格，请重新放入照片。
studio-own-styles = 你自己的风格
studio-own-how = 任何图片都可以当作风格：一幅画、一种花纹、孩子的涂鸦。只要一秒钟。
studio-own-none = 你还没有自己的风格。
studio-own-picture = 取风格的图片
studio-own-name = 叫什么名字
studio-own-add = 添加自己的风格
studio-own-make = 变成我的风格
studio-all-styles = 所有风格
studio-history-none = 还没有记录。画好的作品会出现在这里。
studio-history-off = 你选择了不保存记录。
studio-older = 更早
studio-usual-style = 常用风格
studio-usual-none = 无
studio-language = 语言
studio-language-any = 跟随浏览器
studio-remember = 保存我的作画记录
studio-save = 保存
studio-saved = 已保存。
studio-policy =
    你的照片和画好的图在这里加密保留 { $hours } 小时，附加信息会去掉。别的浏览器看不到它们。之后全部删除，也不会用来训练。
    我们还保存你的设置，以及你自己的风格和对应的图片（已加密）。
    作画记录保存 { $days } 天，只是清单，没有图片。请求保存 { $jobs } 天，同样没有图片。
    一个 Cookie 用来认出这个浏览器，另一个记住浅色或深色。除此之外，我们不知道你的任何信息。如果有人被禁止使用，只保留一个化名。
    在下面可以下载全部内容，或者把它删除。
studio-export = 导出全部
studio-forget = 删除我的数据
studio-forget-asks = 这会删除 { $pictures } 张图片、{ $history } 条记录、{ $styles } 个自己的风格、{ $jobs } 个请求和你的设置。删除后无法恢复。
studio-forget-yes = 是的，全部删除
studio-forgot = 已删除：{ $pictures } 张图片、{ $history } 条记录、{ $styles } 个自己的风格、{ $jobs } 个请求，以及你的设置。
studio-no-photo = 里面没有照片。请选择、拖入或拍摄一张。
studio-not-so = 这样做不行。
studio-not-found = 这里什么都没有。
studio-form-old = 页面打开得太久，或者不是我们的。请重新加载再试一次。
studio-back = 回到画室
studio-sorry = 没有成功
studio-admin-parts = 管理的各个部分
studio-admin-token = 令牌
studio-admin-token-how = 控制台里有一行以“admin:”开头，打开那个地址。也可以把 # 后面的内容粘贴到这里。
studio-admin-enter = 进入
studio-admin-leave = 退出
studio-admin-wrong = 这不是本次启动的令牌。它在控制台里以“admin:”开头的那一行。
studio-admin-too-many = 错误的令牌太多了，请过几秒再试。
studio-admin-back = 去管理页面
studio-admin-order-how = 用箭头移动风格。
studio-admin-order-drag = 也可以拖动左边的圆点。
studio-admin-lost = 画室没有回应，请稍后再试。
studio-admin-moved = { $title }现在是第 { $place } 个。
studio-admin-new-how = 放入一张图片，或者同一位画家的最多 { $most } 张。它先是草稿，别人看不到。
studio-admin-gates = 暂停时照收照片，保留位置。收尾时画完排队的，不再接收新的。
